import { html } from "hono/html";
import type { PageInput } from "./input.ts";
import { type Section, table } from "./parts.ts";
import { grouped, named, prose } from "./words.ts";

/** Where the destination does not hold what was written; null for a plan, which looks at nothing. */
export function differencesSection({ differences, summary, vendor }: PageInput): Section | null {
  if (summary.mode === "plan") return null;
  const none =
    summary.result === "verified"
      ? `None: ${vendor.name} holds everything as it was written.`
      : "None was found so far: nobody has looked at everything yet.";
  const rows = differences.map(({ kind, difference, field, count }) => [
    kind,
    difference,
    field === "" ? "the whole" : named(field),
    grouped(count),
  ]);
  return {
    id: "differences",
    title: "Differences",
    body:
      rows.length === 0
        ? html`<p>${none}</p>`
        : html`${table("Differences by kind", ["What", "Difference", "Field", { number: "How many" }], rows)}
<p>${prose("`differences.csv` names each, with what to do.")}</p>`,
  };
}

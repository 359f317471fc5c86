import { html } from "hono/html";
import { NOT_BEGUN } from "../counts-text.ts";
import { OUTCOMES } from "../explain.ts";
import { barChart } from "./charts.ts";
import type { PageInput } from "./input.ts";
import { figure, noted, type Section, table } from "./parts.ts";
import { grouped, percent, prose } from "./words.ts";

const HELP = "`./spillway explain REASON` tells what helps.";

/** How everyone ended, and why. */
export function outcomesSection({ summary }: PageInput): Section {
  const { listed, byOutcome, byReason, snapshot } = summary;
  const title = "Outcomes and reasons";
  if (snapshot === "not_begun") return { id: "outcomes", title, body: html`<p>${prose(NOT_BEGUN)}</p>` };
  const present = OUTCOMES.filter((outcome) => byOutcome[outcome] > 0);
  const bars = present.map((outcome) => ({ label: outcome, value: byOutcome[outcome] }));
  const says = `Of ${grouped(listed)} people: ${present.map((outcome) => `${grouped(byOutcome[outcome])} ${outcome}`).join(", ")}.`;
  const outcomes = OUTCOMES.map((outcome) => [
    outcome,
    grouped(byOutcome[outcome]),
    percent(byOutcome[outcome], listed),
  ]);
  const reasons = byReason.map(({ outcome, reason, users, explanation }) => [
    noted(html`<code>${reason}</code> ${outcome}`, prose(explanation)),
    grouped(users),
  ]);
  return {
    id: "outcomes",
    title,
    body: html`${present.length > 0 ? figure(says, barChart(bars)) : ""}
${table("People by outcome", ["Outcome", { number: "People" }, { number: "Share" }], outcomes)}
${
  reasons.length > 0
    ? html`${table("People by reason", ["Reason and outcome", { number: "People" }], reasons)}
<p>${prose(HELP)}</p>`
    : ""
}`,
  };
}

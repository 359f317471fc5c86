import { html } from "hono/html";
import { undecidedOf } from "../tally.ts";
import type { PageInput } from "./input.ts";
import { type Section, table } from "./parts.ts";
import { grouped, prose } from "./words.ts";

/** Whom a person has to decide about, and what else a run would stop at; null where nothing waits. */
export function decisionsSection({ summary, undecided, changedSince }: PageInput): Section | null {
  const people = undecidedOf(summary);
  const blockers = summary.findings.filter(({ severity }) => severity === "blocker");
  const { otherAddress } = changedSince;
  if (people + otherAddress + blockers.length === 0) return null;
  const more = people - undecided.length;
  const rows = undecided.map(({ sub, reason }) => [html`<code>${sub}</code>`, html`<code>${reason}</code>`]);
  return {
    id: "decisions",
    title: "Decisions that wait",
    body: html`${people === 0 ? "" : html`<p>${prose(waiting(people))}</p>`}
${otherAddress === 0 ? "" : html`<p>${prose(withOtherAddress(otherAddress))}</p>`}
${rows.length > 0 ? html`<details><summary>Who they are</summary>${table("Accounts that wait for a decision", ["Cognito's sub", "Why"], rows)}</details>` : ""}
${more > 0 ? html`<p>${prose(`And ${grouped(more)} more, in \`users.csv\`.`)}</p>` : ""}
${blockers.length > 0 ? html`<h3>A run stops at</h3><ul>${blockers.map(({ sentence }) => html`<li>${prose(sentence)}</li>`)}</ul>` : ""}`,
  };
}

function withOtherAddress(people: number): string {
  const who =
    people === 1
      ? "1 person has another e-mail address in Cognito than their account"
      : `${grouped(people)} people have another e-mail address in Cognito than their accounts`;
  return `${who}: \`./spillway decide FILE\` asks whether it is written.`;
}

function waiting(people: number): string {
  const who = people === 1 ? "1 account waits" : `${grouped(people)} accounts wait`;
  return `${who} for a person. Name who comes along, and who does not, by sub under \`users.decisions\` in the migration file, and start again.`;
}

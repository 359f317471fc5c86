import { html } from "hono/html";
import type { PageInput } from "./input.ts";
import type { Section } from "./parts.ts";
import { prose } from "./words.ts";

/** The day on which applications go over: docs/cutover.md in short. */
export function cutoverSection({ vendor }: PageInput): Section {
  const steps = [
    "Days before: let every API accept tokens of both issuers. Nobody notices.",
    "Have the hand-off above ticked off, and every decision made.",
    "On the day: start the migration once more, so that those who signed up since are there, and write this report anew.",
    `Give the applications the addresses and client ids of ${vendor.name}, in \`clients.csv\`, and what names people by Cognito's sub the \`id-map.csv\`.`,
    "Turn off sign-up in the pool.",
    "Keep the bridge until it has moved as many as you want to move, then mail the others a link.",
    "When no token of Cognito's has come for as long as the longest refresh token lasts, take Cognito out of your APIs.",
  ];
  return {
    id: "cutover",
    title: "Cutover checklist",
    body: html`<ul>${steps.map((step) => html`<li><span aria-hidden="true">☐</span> ${prose(step)}</li>`)}</ul>`,
  };
}

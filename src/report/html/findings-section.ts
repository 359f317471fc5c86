import { html } from "hono/html";
import type { PageInput } from "./input.ts";
import type { Section } from "./parts.ts";
import { named, prose } from "./words.ts";

/** What an operator should know of the pool as a whole; null without any. */
export function findingsSection({ summary }: PageInput): Section | null {
  const told = summary.findings.filter(({ severity }) => severity !== "blocker");
  if (told.length === 0) return null;
  return {
    id: "findings",
    title: "Findings",
    body: html`<ul>${told.map(({ severity, subject, sentence }) => html`<li><strong>${severity}</strong>, ${named(subject)}: ${prose(sentence)}</li>\n`)}</ul>`,
  };
}

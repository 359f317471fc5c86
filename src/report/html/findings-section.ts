import { html } from "hono/html";
import type { PageInput } from "./input.ts";
import { type Section, table } from "./parts.ts";
import { named, prose } from "./words.ts";

/** What an operator should know of the pool as a whole; null without any. */
export function findingsSection({ summary }: PageInput): Section | null {
  const told = summary.findings.filter(({ severity }) => severity !== "blocker");
  if (told.length === 0) return null;
  const rows = told.map(({ severity, subject, sentence }) => [named(subject), severity, prose(sentence)]);
  return {
    id: "findings",
    title: "Findings",
    body: html`${table("Findings", ["About", "Severity", "What is so, and what to do"], rows)}`,
  };
}

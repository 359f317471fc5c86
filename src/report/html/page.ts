import { html, raw } from "hono/html";
import { bridgeSection } from "./bridge-section.ts";
import { cutoverSection } from "./cutover-section.ts";
import { decisionsSection } from "./decisions-section.ts";
import { differencesSection } from "./differences-section.ts";
import { findingsSection } from "./findings-section.ts";
import { handOffSection } from "./hand-off-section.ts";
import { headline } from "./headline.ts";
import type { PageInput } from "./input.ts";
import { organizationsSection } from "./organizations-section.ts";
import { outcomesSection } from "./outcomes-section.ts";
import type { Section } from "./parts.ts";
import { resetsSection } from "./resets-section.ts";
import { signInSection } from "./sign-in-section.ts";
import { STYLE } from "./style.ts";
import { throughputSection } from "./throughput-section.ts";
import { printable } from "./words.ts";

/** It asks nobody for anything, and runs no code. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** report.html: one file, for people. */
export async function reportPage(input: PageInput): Promise<string> {
  const { summary } = input;
  const sections = [
    outcomesSection(input),
    signInSection(input),
    organizationsSection(input),
    throughputSection(input),
    resetsSection(input),
    bridgeSection(input),
    differencesSection(input),
    decisionsSection(input),
    findingsSection(input),
    handOffSection(input),
    cutoverSection(input),
  ].filter((section) => section !== null);
  const title = `${summary.mode === "plan" ? "Plan" : "Report"} of ${printable(summary.pool)}: ${summary.result}`;
  const page = await html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}">
<title>${title}</title>
<style>${raw(STYLE)}</style>
</head>
<body>
${headline(input)}
<nav aria-label="Contents"><ul>${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>${sections.map(sectionHtml)}</main>
</body>
</html>
`;
  return page.toString();
}

function sectionHtml({ id, title, body }: Section) {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${body}
</section>
`;
}

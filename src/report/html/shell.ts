import { html, raw } from "hono/html";
import type { Section } from "./parts.ts";
import { STYLE } from "./style.ts";
import { grouped, type Html, named, utc } from "./words.ts";

/** What every page has around what it tells. */

/** It asks nobody for anything, and runs no code. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export async function pageOf(title: string, header: Html, sections: readonly Section[]): Promise<string> {
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
${header}
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

export interface Headline {
  /** What ran: "Migration", or what else. */
  what: string;
  vendorName: string;
  region: string;
  summary: { pool: string; environment: string; generation: number; writtenAt: string; result: string };
  meaning: string;
  figures: readonly (readonly [name: string, count: number])[];
}

/** What ran, and how it ended in a word. */
export function headlineOf({ what, vendorName, region, summary, meaning, figures }: Headline): Html {
  const { pool, environment, generation, writtenAt, result } = summary;
  return html`<header>
<p class="kicker">${what} of ${named(pool)} (${region}) to ${vendorName}, environment ${named(environment)}</p>
<h1><span class="result ${result}">${result}</span></h1>
<p>${meaning}</p>
<dl class="figures">${figures.map(([name, count]) => html`<div><dt>${name}</dt><dd>${grouped(count)}</dd></div>`)}</dl>
<p class="small">Run ${grouped(generation)} of this migration; written ${utc(Date.parse(writtenAt))} UTC.</p>
</header>`;
}

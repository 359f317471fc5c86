import { html } from "hono/html";
import type { Result } from "../result.ts";
import { undecidedOf } from "../tally.ts";
import type { PageInput } from "./input.ts";
import { grouped, type Html, named, utc } from "./words.ts";

const MEANINGS: Readonly<Record<Result, string>> = {
  planned: "Nothing was written: this page tells what a run would do.",
  verified: "Everything was written, and the destination holds it as it was written.",
  differs: "The destination does not hold everything as it was written.",
  unfinished: "The newest run has not come to its end: the counts are those of now.",
};

/** What ran, and how it ended in a word. */
export function headline({ summary, vendor, migration }: PageInput): Html {
  const { result, mode, pool, environment, generation, writtenAt } = summary;
  const what = mode === "plan" ? "Plan of the migration" : "Migration";
  return html`<header>
<p class="kicker">${what} of ${named(pool)} (${migration.file.source.region}) to ${vendor.name}, environment ${named(environment)}</p>
<h1><span class="result ${result}">${result}</span></h1>
<p>${MEANINGS[result]}</p>
<dl class="figures">${figures(summary).map(([name, count]) => html`<div><dt>${name}</dt><dd>${grouped(count)}</dd></div>`)}</dl>
<p class="small">Run ${grouped(generation)} of this migration; written ${utc(Date.parse(writtenAt))} UTC.</p>
</header>`;
}

function figures(summary: PageInput["summary"]): [name: string, count: number][] {
  const { listed, byOutcome, resets, differences, mode } = summary;
  const told: [string, number][] = [
    ["listed", listed],
    ["imported", byOutcome.imported],
    ["merged", byOutcome.merged],
    ["skipped", byOutcome.skipped],
    ["failed", byOutcome.failed],
    ["open", byOutcome.open],
    ["mails", resets.mailed],
    ["to decide", undecidedOf(summary)],
  ];
  return mode === "plan" ? told : [...told, ["differences", differences]];
}

import type { Result } from "../result.ts";
import { undecidedOf } from "../tally.ts";
import type { PageInput } from "./input.ts";
import { headlineOf } from "./shell.ts";
import type { Html } from "./words.ts";

const MEANINGS: Readonly<Record<Result, string>> = {
  planned: "Nothing was written: this page tells what a run would do.",
  verified: "The destination holds everything that was written, as it was written.",
  differs: "The destination does not hold everything as it was written.",
  unfinished: "The newest run has not come to its end: the counts are those of now.",
};

/** What ran, and how it ended in a word. */
export function headline({ summary, changedSince, vendor, migration }: PageInput): Html {
  return headlineOf({
    what: summary.mode === "plan" ? "Plan of the migration" : "Migration",
    vendorName: vendor.name,
    region: migration.file.source.region,
    summary,
    meaning: `${MEANINGS[summary.result]}${unwritten(summary)}`,
    figures: figures(summary, changedSince),
  });
}

/** Whoever failed is nobody of whom the destination could hold something else. */
function unwritten({ mode, byOutcome: { failed } }: PageInput["summary"]): string {
  if (mode === "plan" || failed === 0) return "";
  const who = failed === 1 ? "1 person" : `${failed.toLocaleString("en-US")} people`;
  return ` Not written: ${who} that failed; failures.csv tells why.`;
}

function figures(
  summary: PageInput["summary"],
  { otherAddress }: PageInput["changedSince"],
): [name: string, count: number][] {
  const { listed, byOutcome, resets, differences, mode } = summary;
  const told: [string, number][] = [
    ["listed", listed],
    ["imported", byOutcome.imported],
    ["merged", byOutcome.merged],
    ["skipped", byOutcome.skipped],
    ["failed", byOutcome.failed],
    ["open", byOutcome.open],
    ["mails", resets.mailed],
    ["to decide", undecidedOf(summary) + otherAddress],
  ];
  // Nobody is mailed by a plan: its findings tell whom a run would mail.
  return mode === "plan"
    ? told.filter(([name]) => name !== "mails")
    : [...told, ["differences", differences]];
}

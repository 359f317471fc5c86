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
import { resetsSection } from "./resets-section.ts";
import { pageOf } from "./shell.ts";
import { signInSection } from "./sign-in-section.ts";
import { throughputSection } from "./throughput-section.ts";
import { printable } from "./words.ts";

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
  return pageOf(title, headline(input), sections);
}

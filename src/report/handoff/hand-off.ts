import { markdownCode as code, markdownText as text } from "../../domain/markdown.ts";
import { addressesSection } from "./addresses-section.ts";
import { checklistSection } from "./checklist-section.ts";
import { clientsSection } from "./clients-section.ts";
import type { HandOffInput } from "./input.ts";
import { peopleSection } from "./people-section.ts";
import { providersSection } from "./providers-section.ts";
import { resetsSection } from "./resets-section.ts";
import { triggersSection } from "./triggers-section.ts";

/** handoff.md: what people finish by hand, as Markdown. Pure. */
export function handOff(input: HandOffInput): string {
  return `${introduction(input)}\n\n${peopleSection(input)}\n\n${handOffSections(input)}\n`;
}

/** What follows the counts. Pure. */
export function handOffSections(input: HandOffInput): string {
  const sections = [
    checklistSection(input),
    providersSection(input),
    clientsSection(input),
    addressesSection(input),
    triggersSection(input),
    resetsSection(input),
  ];
  return sections.filter((section) => section !== null).join("\n\n");
}

function introduction({ migration, setUp, vendor }: HandOffInput): string {
  const { source } = migration.file;
  const lines = [
    `# Hand-off of ${text(source.userPoolId)} to ${text(vendor.name)}`,
    `What people finish by hand: the user pool ${code(source.userPoolId)} (${code(source.region)}) moves to ${text(vendor.name)}, environment ${code(migration.environment)}.`,
  ];
  if (setUp.shape === null)
    lines.push(
      "No run has looked at the pool's set-up yet, so providers, app clients and triggers are missing here.",
    );
  return lines.join("\n\n");
}

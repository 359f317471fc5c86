import type { RegisteredVendor } from "../destinations/registry.ts";
import type { MigrationFile } from "../domain/migration.ts";
import { wrapped } from "../wrap.ts";

/** What each part of a new file does, in a line or two. */
export function partsText(file: MigrationFile, vendor: RegisteredVendor, columns: number): string {
  const parts: [name: string, text: string][] = [
    ["source", `The pool ${file.source.userPoolId} in ${file.source.region} is read, and never changed.`],
    ["destination", `Its users go to ${vendor.name}.`],
    ["organizations", organizationsText(file)],
    ...(file.roles === undefined ? [] : [["roles", rolesText(file.roles)] as [string, string]]),
    ...placementsTexts("providers", file.providers),
    ...placementsTexts("clients", file.clients),
    ["passwordResets", resetsText(file)],
  ];
  return parts.map(([name, text]) => partLines(name, text, columns)).join("\n");
}

const NAME_WIDTH = "passwordResets".length + 2;
const INDENT = "  ";

function partLines(name: string, text: string, columns: number): string {
  const lines = wrapped(text, columns - NAME_WIDTH - INDENT.length).split("\n");
  return lines.map((line, at) => `${INDENT}${(at === 0 ? name : "").padEnd(NAME_WIDTH)}${line}`).join("\n");
}

function organizationsText({ organizations }: MigrationFile): string {
  switch (organizations?.from) {
    case "fixed":
      return `Everybody belongs to the organization ${organizations.organization}.`;
    case "attribute":
      return `Each value of ${organizations.attribute} is the key of an organization.`;
    case "group":
      return `Each group that begins with "${organizations.prefix}" is an organization.`;
    default:
      return "Not in the file: nobody belongs to an organization.";
  }
}

function rolesText({ several, groups = {} }: NonNullable<MigrationFile["roles"]>): string {
  const left = Object.keys(groups);
  const but = left.length === 0 ? "" : `, but for ${left.join(", ")}`;
  return `Groups are roles${but}. A member gets ${several ? "all of theirs" : "one"}.`;
}

function placementsTexts(part: string, placements: MigrationFile["providers"] = {}): [string, string][] {
  const texts = Object.entries(placements).map(([name, placement]) =>
    "skip" in placement ? `${name} is left behind.` : `${name} belongs to ${placement.organization}.`,
  );
  return texts.map((text, at) => [at === 0 ? part : "", text]);
}

function resetsText({ passwordResets: resets }: MigrationFile): string {
  if (!resets?.send) return "Not in the file: nobody is mailed.";
  return `People are mailed a link to set a password: ${resets.canary} of them first, the others once you approve it.`;
}

import { markdownText } from "./markdown.ts";
import type { Migration } from "./migration.ts";
import type { Mode } from "./phases.ts";
import { asInstalled } from "./programs.ts";
import { shellLine, spillwayWords } from "./shell-line.ts";

/** What the Temporal UI shows of a run from its start on, also while no worker is there. Both are Markdown. */
export interface ToldAtStart {
  /** One line. Temporal refuses one of over 400 bytes of JSON (`limit.userMetadataSummarySize`): ids are far shorter. */
  summary: string;
  details: string;
}

/** Which people of which environment it is about. */
interface Between {
  userPoolId: string;
  /** The destination's name. */
  vendor: string;
  environment: string;
}

const SUMMARIES: Readonly<Record<Mode, (pool: string, there: string) => string>> = {
  migrate: (pool, there) => `Migrates ${pool} to ${there}`,
  undo: (pool, there) => `Takes the migration of ${pool} back from ${there}`,
  verify: (pool, there) => `Compares what the migration of ${pool} wrote with what ${there} holds`,
  redrive: (pool, there) => `Tries again what failed of ${pool} at ${there}`,
};

export function toldOf(mode: Mode, { userPoolId, vendor, environment }: Between): ToldAtStart {
  const summary = SUMMARIES[mode](markdownText(userPoolId), markdownText(vendor));
  return {
    summary,
    details: [
      withoutWorker(userPoolId),
      list([
        ["User pool", userPoolId],
        ["Destination", `${vendor}, environment ${environment}`],
      ]),
    ].join("\n\n"),
  };
}

/** Where no worker answers, the Temporal UI has no current details, and says no word of why. */
function withoutWorker(userPoolId: string): string {
  const watching = asInstalled(shellLine(spillwayWords("watch", [], [userPoolId])));
  return `Where no current details stand beside this, no worker answers. What to do:\n\n\`\`\`\n${watching}\n\`\`\``;
}

/** With what the file says: by its own words, and people by their number. */
export function toldOfMigration(migration: Migration, vendor: string, environment: string): ToldAtStart {
  const { source, dryRun, only } = migration;
  const told = toldOf("migrate", { userPoolId: source.userPoolId, vendor, environment });
  const kind = dryRun ? "Dry run, writes nothing: " : only === undefined ? "" : "Pilot: ";
  return {
    summary: `${kind}${told.summary}`,
    details: [
      told.details,
      list([
        ["People", peopleOf(migration)],
        ["Organizations", organizationsOf(migration)],
        ["Roles", rolesOf(migration)],
        ["Providers and app clients with an answer", String(answersOf(migration))],
        ["Reset mails", mailsOf(migration)],
        ["Pace", paceOf(migration)],
      ]),
    ].join("\n"),
  };
}

function list(points: readonly (readonly [name: string, value: string])[]): string {
  return points.map(([name, value]) => `- ${name}: ${markdownText(value)}`).join("\n");
}

function peopleOf({ only, users }: Migration): string {
  const decisions = Object.keys(users.decisions).length;
  const decided = decisions === 0 ? "" : `, with ${decisions} ${decisions === 1 ? "decision" : "decisions"}`;
  return `${chosen(only)}${decided}`;
}

function chosen(only: Migration["only"]): string {
  if (only === undefined) return "everyone";
  if ("group" in only) return `those in the group ${only.group}`;
  return "limit" in only ? `the first ${only.limit}` : `${only.subs.length} who are named`;
}

function organizationsOf({ organizations }: Migration): string {
  switch (organizations.from) {
    case "none":
      return "none";
    case "fixed":
      return `everyone in ${organizations.organization}`;
    case "attribute":
      return `one for each value of ${organizations.attribute}`;
    case "group":
      return `one for each group whose name begins with ${organizations.prefix}`;
  }
}

function rolesOf({ roles }: Migration): string {
  if (roles === undefined) return "none";
  return roles.several ? "from groups, several a person" : "from groups, one a person";
}

function answersOf({ providers, clients }: Migration): number {
  return Object.keys(providers).length + Object.keys(clients).length;
}

function mailsOf({ passwordResets, dryRun }: Migration): string {
  const { send, delivery, canary } = passwordResets;
  if (!send || dryRun) return "none";
  const first = typeof canary === "number" ? canary : canary.length;
  const by = delivery === "own" ? "by your own mail server or webhook" : "by the destination";
  const unasked = first === 0 ? "they" : `the first ${first} of all runs unasked; the others`;
  return `sent ${by}; ${unasked} wait for an approval, unless an earlier one covers them`;
}

function paceOf({ pace: { writesPerSecond, pagesPerSecond } }: Migration): string {
  return `${writesPerSecond} writes/s, ${pagesPerSecond} Cognito pages/s`;
}

import { checkbox } from "@inquirer/prompts";
import type { RegisteredVendor } from "../destinations/registry.ts";
import type { MigrationFile } from "../domain/migration.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { groupRoles } from "../plan/roles.ts";
import { choose } from "./choose.ts";
import { soFar } from "./init-answer.ts";
import type { KnownPool } from "./init-known.ts";

/** Asks which groups are roles, where anybody could have one. */
export async function askRoles(
  file: MigrationFile,
  { groups }: KnownPool,
  { name, facts }: RegisteredVendor,
): Promise<Pick<MigrationFile, "roles">> {
  if (!facts.takes.roles || file.organizations === undefined) return {};
  const all: MigrationFile["roles"] = { from: "groups" };
  const candidates = groups && groupRoles(soFar({ ...file, roles: all }), groups).map(({ group }) => group);
  if (candidates?.length === 0) return {};
  const isWanted = await choose(`Do groups become roles at ${name}?`, [
    { value: false, name: "No", description: "Who is in which group is left behind." },
    { value: true, name: "Yes", description: "Members of a group get its role in their organization." },
  ]);
  if (!isWanted) return {};
  const chosen = candidates && (await askWhich(candidates));
  if (chosen?.length === 0) return {};
  const left = candidates?.filter((group) => chosen?.includes(group) === false) ?? [];
  return {
    roles: {
      ...all,
      ...(chosen?.length !== 1 && (await areSeveral()) && { several: true }),
      ...(left.length > 0 && { groups: Object.fromEntries(left.map((group) => [group, null])) }),
    },
  };
}

const PAGE_SIZE = 15;

function askWhich(groups: readonly string[]): Promise<string[]> {
  return checkbox({
    message: "Which groups?",
    choices: groups.map((group) => ({ value: group, name: terminalText(group), checked: true })),
    pageSize: PAGE_SIZE,
    loop: false,
  });
}

function areSeveral(): Promise<boolean> {
  return choose("Which role does a member of several groups get?", [
    {
      value: false,
      name: "One",
      description: "That of the group with the lowest precedence, as in Cognito.",
    },
    {
      value: true,
      name: "All of them",
      description: "The destination's environment must allow several roles.",
    },
  ]);
}

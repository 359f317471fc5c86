import type { PoolGroup } from "../../cognito/configuration.ts";
import type { UserSource } from "../../cognito/source.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { moveCursor, takeCursor } from "../../ledger/cursors.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { addGroupMembers, clearGroup, keepGroups } from "../../ledger/source-users.ts";
import type { Migration } from "../../migration.ts";
import { organizationOfGroup } from "../../plan/organizations.ts";
import { groupRoles } from "../../plan/roles.ts";
import type { Blocked, Progress, RunRef } from "../../workflows/contract.ts";
import { groupOf } from "../assess/assess.ts";
import type { Deps } from "../deps.ts";
import { askSource, type SourceTools } from "../source-calls.ts";
import { cursorId, step } from "../steps.ts";
import { PAGE_SIZE } from "./page-size.ts";
import { walk } from "./walk.ts";

/**
 * Walks the members of every group that decides something, one group after the other, from where the cursor stands.
 * Null when all are walked; else what the snapshot answers.
 */
export async function walkGroups(
  { ledger }: Deps,
  run: RunRef,
  file: Migration,
  source: UserSource,
  tools: SourceTools,
): Promise<Progress | Blocked | null> {
  const { pulse } = tools;
  const groups = await ledger.read((db) => readConfiguration<PoolGroup>(db, run.migrationId, "group"));
  const id = cursorId(run, "groups");
  const deciding = decidingGroups(file, groups);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  if (!cursor.done && cursor.position === null)
    await step({ ledger, pulse }, (tx) => keepGroups(tx, run.migrationId, deciding));
  for (const group of deciding) {
    if (cursor.done) break;
    if (cursor.position !== null && group <= cursor.position) continue;
    const walked = await walkGroup(ledger, run, source, tools, group);
    if (walked.status !== "complete") return walked;
    cursor = { ...cursor, position: group };
    const next = cursor;
    await step({ ledger, pulse }, (tx) => moveCursor(tx, id, pulse.fence, next));
  }
  if (!cursor.done)
    await step({ ledger, pulse }, (tx) => moveCursor(tx, id, pulse.fence, { ...cursor, done: true }));
  return null;
}

/** Groups that are roles or organizations, and the one that `only` names; in order of name. */
function decidingGroups(file: Migration, groups: readonly PoolGroup[]): string[] {
  const roles = groupRoles(file, groups).map(({ group }) => group);
  const organizations = groups
    .map(({ name }) => name)
    .filter((name) => organizationOfGroup(file.organizations, name) !== null);
  const only = groupOf(file);
  const all = new Set([...roles, ...organizations, ...(only === null ? [] : [only])]);
  return [...all].sort((a, b) => (a < b ? -1 : 1));
}

function walkGroup(
  ledger: Ledger,
  run: RunRef,
  source: UserSource,
  tools: SourceTools,
  group: string,
): Promise<Progress | Blocked> {
  return walk(ledger, tools.pulse, cursorId(run, `group:${group}`), {
    fetch: (token) =>
      askSource(tools, "ListUsersInGroup", () => source.listUsersInGroup(group, token, PAGE_SIZE)),
    store: {
      pack: (users) => users.map((user) => user.sub),
      write: async (tx, pages, isFirst) => {
        if (isFirst) await clearGroup(tx, run.migrationId, group);
        const subs = pages.flat();
        await addGroupMembers(tx, run.migrationId, group, subs);
        return subs.length;
      },
    },
  });
}

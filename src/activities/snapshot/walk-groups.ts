import { PAGE_SIZE, type SourceAnswer, type SourcePage, type UserSource } from "../../cognito/source.ts";
import type { Blocked, Progress, RunRef } from "../../domain/contract.ts";
import { finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { PoolGroup } from "../../domain/pool.ts";
import { askSource, type SourceTools } from "../../engine/ask-source.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { walk } from "../../engine/walk.ts";
import { readConfiguration } from "../../ledger/configuration.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { replaceFindings } from "../../ledger/findings.ts";
import type { Ledger, Tx } from "../../ledger/ledger.ts";
import { addGroupMembers } from "../../ledger/source-users.ts";
import { GONE_PREFIX } from "../../plan/counters.ts";
import { decidingGroups } from "../../plan/selection.ts";
import type { Deps } from "../deps.ts";

const NOBODY: SourcePage = { users: [], nextToken: null };

/**
 * Walks the members of every group that decides something, one group after the other, from where the cursor stands. One
 * that is gone has none. Null when all are walked; else what the snapshot answers.
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
  for (const group of deciding) {
    if (cursor.done) break;
    if (cursor.position !== null && group <= cursor.position) continue;
    const walked = await walkGroup(ledger, run, source, tools, group, (tx) => {
      cursor = { ...cursor, counters: { ...cursor.counters, [`${GONE_PREFIX}${group}`]: 1 } };
      return moveCursor(tx, id, pulse.fence, cursor);
    });
    if (walked.status !== "complete") return walked;
    cursor = { ...cursor, position: group };
    const next = cursor;
    await step({ ledger, pulse }, (tx) => moveCursor(tx, id, pulse.fence, next));
  }
  if (!cursor.done) await conclude(ledger, run, tools, id, cursor);
  return null;
}

/** Tells which groups are gone, and closes the walk. */
async function conclude(
  ledger: Ledger,
  { migrationId, generation }: RunRef,
  { pulse }: SourceTools,
  id: CursorId,
  cursor: Cursor,
): Promise<void> {
  const gone = new Tally(cursor.counters).withPrefix(GONE_PREFIX);
  const findings = gone.map(([group]) => finding("group_gone", { group }));
  await step({ ledger, pulse }, async (tx) => {
    await replaceFindings(tx, migrationId, generation, "snapshot", findings);
    await moveCursor(tx, id, pulse.fence, { ...cursor, done: true });
  });
}

/** `noteGone` is called for a group that Cognito has no more: members that were read of it before count for nothing. */
function walkGroup(
  ledger: Ledger,
  run: RunRef,
  source: UserSource,
  tools: SourceTools,
  group: string,
  noteGone: (tx: Tx) => Promise<void>,
): Promise<Progress | Blocked> {
  let isGone = false;
  const listMembers = async (token: string | null): Promise<SourceAnswer<SourcePage>> => {
    const answer = await source.listUsersInGroup(group, token, PAGE_SIZE);
    if (answer.ok || answer.problem !== "not_found") return answer;
    // Where it is the pool that is gone, ListUsers says so.
    isGone = true;
    return { ok: true, value: NOBODY };
  };
  return walk(ledger, tools.pulse, cursorId(run, `group:${group}`), {
    fetch: (token) => askSource(tools, "ListUsersInGroup", () => listMembers(token)),
    store: {
      pack: (users) => users.map((user) => user.sub),
      write: async (tx, pages) => {
        if (isGone) await noteGone(tx);
        const subs = isGone ? [] : pages.flat();
        await addGroupMembers(tx, run, group, subs);
        return subs.length;
      },
    },
  });
}

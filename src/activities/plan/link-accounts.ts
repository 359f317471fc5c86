import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { linkedAccountOf } from "../../ledger/account.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import type { Tx } from "../../ledger/ledger.ts";
import {
  type IdentityRow,
  identitiesAfter,
  setClusterKey,
  sourceUsersBySub,
} from "../../ledger/source-users.ts";
import { PROVIDER_PREFIX } from "../../plan/counters.ts";
import { MAX_CLUSTER } from "../../plan/decide.ts";
import { sharedKey } from "../../plan/links.ts";
import { type Planning, slice } from "./planning.ts";

const SLICE_IDENTITIES = 2_000;

/** Accounts that share an identity get one cluster key. True when all are done. */
export async function linkAccounts(planning: Planning, until: number): Promise<boolean> {
  const id = cursorId(planning.run, "plan:links");
  let cursor = await takeCursor(planning.ledger, id, planning.pulse.fence);
  while (!cursor.done && performance.now() < until) {
    const from = cursor;
    cursor = await slice(planning, (tx) => linkSlice(planning, tx, id, from));
  }
  return cursor.done;
}

async function linkSlice(planning: Planning, tx: Tx, id: CursorId, cursor: Cursor): Promise<Cursor> {
  // Written by this function only.
  const after = cursor.position === null ? null : (JSON.parse(cursor.position) as IdentityRow);
  const rows = await identitiesAfter(tx, planning.run.migrationId, after, SLICE_IDENTITIES);
  const isLast = rows.length < SLICE_IDENTITIES;
  const groups = [...Map.groupBy(rows, (row) => JSON.stringify([row.provider, row.user_id])).values()];
  // The last group may go on in the next slice, unless it is all there is.
  const whole = isLast || groups.length < 2 ? groups : groups.slice(0, -1);
  for (const group of whole) await linkHolders(planning, tx, group);
  const last = whole.at(-1)?.at(-1);
  const position = last === undefined ? cursor.position : JSON.stringify(last);
  const tally = new Tally(cursor.counters);
  // Groups that go on in the next slice are counted there.
  for (const [{ provider }] of whole.filter(isGroup)) tally.add(`${PROVIDER_PREFIX}${provider}`, 1);
  const next: Cursor = { position, done: isLast, counters: tally.all() };
  await moveCursor(tx, id, planning.pulse.fence, next);
  return next;
}

function isGroup(rows: IdentityRow[]): rows is [IdentityRow, ...IdentityRow[]] {
  return rows.length > 0;
}

async function linkHolders({ run }: Planning, tx: Tx, identities: readonly IdentityRow[]): Promise<void> {
  if (identities.length < 2 || identities.length > MAX_CLUSTER) return;
  const subs = identities.map((row) => row.sub);
  const users = [...(await sourceUsersBySub(tx, run.migrationId, subs)).values()];
  const holders = users.filter((user) => user.generation === run.generation);
  const key = sharedKey(holders.map(linkedAccountOf));
  if (key === null || holders.every((user) => user.cluster_key === key)) return;
  const linked = holders.map((user) => user.sub);
  await setClusterKey(tx, run.migrationId, linked, key);
}

import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { type Counters, type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { queueRemovals } from "../../ledger/difference.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { type Placed, placedAfter } from "../../ledger/placed.ts";
import { decisionsAmong } from "../../ledger/plan.ts";
import { plannedAmong } from "../../ledger/planned-objects.ts";
import { leftSince, linkedAmong, peopleByAddress } from "../../ledger/who-else.ts";
import { membershipKey, membershipOf } from "../../plan/keys.ts";
import { DELETED_KEPT, DELETED_REMOVED, MEMBERSHIPS_REMOVED } from "./counters-of-plan.ts";
import { type Planning, slice } from "./planning.ts";

/** What stands by our doing and is to stand no more. A pilot removes nothing: it says nothing about the others. */

const SLICE = 1_000;
const MAX_EXAMPLES = 2;
const GONE_WALK = "plan:gone";
const SURPLUS_WALK = "plan:surplus";
export const REMOVAL_WALKS = [GONE_WALK, SURPLUS_WALK];

/** Made by this migration, or maybe made: a look tells before anything is removed. */
export function mayBeTakenBack(placed: Placed | undefined): boolean {
  if (placed?.state === "in_doubt") return placed.how === null;
  return placed?.state === "standing" && placed.how === "created" && placed.destinationId !== null;
}

/** False when the time is over and not everything is looked at. Counters of both walks are in `removalCounters`. */
export async function planRemovals(planning: Planning, until: number): Promise<boolean> {
  if (planning.file.only !== undefined) return true;
  return (
    (await walk(planning, until, GONE_WALK, "user", removeGone)) &&
    (await walk(planning, until, SURPLUS_WALK, "membership", removeSurplus))
  );
}

export async function removalCounters(planning: Planning): Promise<Counters> {
  const { ledger, run, pulse } = planning;
  const walks = REMOVAL_WALKS.map((name) => takeCursor(ledger, cursorId(run, name), pulse.fence));
  return Object.assign({}, ...(await Promise.all(walks)).map(({ counters }) => counters));
}

type Remove = (planning: Planning, tx: Tx, placed: readonly Placed[], tally: Tally) => Promise<void>;

async function walk(
  planning: Planning,
  until: number,
  name: string,
  kind: Placed["kind"],
  remove: Remove,
): Promise<boolean> {
  const id = cursorId(planning.run, name);
  let cursor = await takeCursor(planning.ledger, id, planning.pulse.fence);
  while (!cursor.done && performance.now() < until) {
    const from = cursor;
    cursor = await slice(planning, (tx) => step(planning, tx, { id, kind, remove }, from));
  }
  return cursor.done;
}

async function step(
  planning: Planning,
  tx: Tx,
  { id, kind, remove }: { id: CursorId; kind: Placed["kind"]; remove: Remove },
  from: Cursor,
): Promise<Cursor> {
  const placed = await placedAfter(tx, planning.run.migrationId, kind, from.position ?? "", SLICE);
  const tally = new Tally(from.counters);
  await remove(planning, tx, placed, tally);
  const last = placed.at(-1);
  const next = { position: last?.key ?? from.position, done: last === undefined, counters: tally.all() };
  await moveCursor(tx, id, planning.pulse.fence, next);
  return next;
}

/**
 * People whom the pool listed once, and lists no more. Where somebody has their address today it may be the same person,
 * who signed up again, and who holds their identity is the same: a person decides.
 */
async function removeGone(
  planning: Planning,
  tx: Tx,
  placed: readonly Placed[],
  tally: Tally,
): Promise<void> {
  const { file, run, destination } = planning;
  if (file.users.deletedLater !== "delete" || destination.users.removals === undefined) return;
  const subs = placed.filter(mayBeTakenBack).map(({ key }) => key);
  const gone = await leftSince(tx, run, subs);
  const taken = await peopleByAddress(
    tx,
    run,
    [...gone.values()].flatMap((email) => email ?? []),
  );
  const linked = await linkedAmong(tx, run, [...gone.keys()]);
  const isKept = ({ key }: Placed) => taken.has(gone.get(key) ?? "") || linked.has(key);
  const leaving = placed.filter(({ key }) => gone.has(key));
  for (const one of leaving)
    tally.addWithExample(isKept(one) ? DELETED_KEPT : DELETED_REMOVED, one.key, MAX_EXAMPLES);
  if (!file.dryRun)
    await queueRemovals(
      tx,
      run,
      "users",
      leaving.filter((one) => !isKept(one)),
    );
}

/**
 * Memberships that the plan does not hold any more: of people whom it decides, and not of those whom it leaves out. An
 * account that was merged into another one since still lets its person in: it keeps those that the other one is to have.
 */
async function removeSurplus(
  planning: Planning,
  tx: Tx,
  placed: readonly Placed[],
  tally: Tally,
): Promise<void> {
  const { file, run, destination } = planning;
  const { disabledLater } = file.users;
  if (file.organizations.from === "none" || destination.memberships.removals === undefined) return;
  const mine = placed.filter(mayBeTakenBack);
  const planned = await plannedAmong(
    tx,
    run,
    "membership",
    mine.map(({ key }) => key),
  );
  const surplus = mine.filter(({ key }) => !planned.has(key));
  const subs = [...new Set(surplus.map(({ key }) => membershipOf(key).sub))];
  const decisions = await decisionsAmong(tx, run, subs);
  const ofPerson = (key: string) => {
    const { sub, organization } = membershipOf(key);
    return membershipKey({ sub: decisions.get(sub)?.mergeInto ?? sub, organization });
  };
  const keys = surplus.map(({ key }) => ofPerson(key));
  const plannedForPerson = await plannedAmong(tx, run, "membership", keys);
  const leaving = surplus.filter(({ key }) => {
    const decision = decisions.get(membershipOf(key).sub);
    if (decision?.action === "merge") return !plannedForPerson.has(ofPerson(key));
    const isBarred = decision?.reason === "disabled" && disabledLater === "removeMemberships";
    return decision?.action === "create" || isBarred;
  });
  tally.add(MEMBERSHIPS_REMOVED, leaving.length);
  if (!file.dryRun) await queueRemovals(tx, run, "memberships", leaving);
}

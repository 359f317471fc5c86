import type { RunRef } from "../../domain/contract.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import {
  type Counters,
  type Cursor,
  type CursorId,
  moveCursor,
  readCursor,
  takeCursor,
} from "../../ledger/cursors.ts";
import { queueRemovals } from "../../ledger/difference.ts";
import type { Ledger, Tx } from "../../ledger/ledger.ts";
import { type Placed, placedAfter } from "../../ledger/placed.ts";
import { decisionsAmong } from "../../ledger/plan.ts";
import { plannedAmong } from "../../ledger/planned-objects.ts";
import { leftSince, linkedAmong, peopleByAddress } from "../../ledger/who-else.ts";
import { membershipKey, membershipOf } from "../../plan/keys.ts";
import { DELETED_KEPT, DELETED_REMOVED, DELETED_UNKNOWN, MEMBERSHIPS_REMOVED } from "./counters-of-plan.ts";
import { type Planning, slice } from "./planning.ts";

/** What stands by our doing and is to stand no more. A pilot removes nothing: it says nothing about the others. */

const SLICE = 1_000;
const MAX_EXAMPLES = 2;
const GONE_WALK = "plan:gone";
const SURPLUS_WALK = "plan:surplus";

/** Made by this migration, or maybe made: a look tells before anything is removed. */
export function mayBeTakenBack(placed: Placed | undefined): boolean {
  if (placed?.state === "in_doubt") return placed.how === null;
  return placed?.state === "standing" && placed.how === "created" && placed.destinationId !== null;
}

/** False when the time is over and not everything is looked at. Counters of both walks are in `removalCounters`. */
export async function planRemovals(planning: Planning, until: number): Promise<boolean> {
  const { file, destination } = planning;
  if (file.only !== undefined) return true;
  const removesGone = file.users.deletedLater === "delete" && destination.users.removals !== undefined;
  const removesSurplus = file.organizations.from !== "none" && destination.memberships.removals !== undefined;
  return (
    (!removesGone || (await walk(planning, until, { name: GONE_WALK, kind: "user", remove: removeGone }))) &&
    (!removesSurplus ||
      (await walk(planning, until, { name: SURPLUS_WALK, kind: "membership", remove: removeSurplus })))
  );
}

export async function removalCounters(ledger: Ledger, run: RunRef): Promise<Counters> {
  const walks = [GONE_WALK, SURPLUS_WALK].map((name) => readCursor(ledger, cursorId(run, name)));
  return Object.assign({}, ...(await Promise.all(walks)).map(({ counters }) => counters));
}

interface Walk {
  name: string;
  kind: Placed["kind"];
  remove: (planning: Planning, tx: Tx, placed: readonly Placed[], tally: Tally) => Promise<void>;
}

async function walk(planning: Planning, until: number, own: Walk): Promise<boolean> {
  const id = cursorId(planning.run, own.name);
  let cursor = await takeCursor(planning.ledger, id, planning.pulse.fence);
  while (!cursor.done && performance.now() < until) {
    const from = cursor;
    cursor = await slice(planning, (tx) => step(planning, tx, own, id, from));
  }
  return cursor.done;
}

async function step(
  planning: Planning,
  tx: Tx,
  { kind, remove }: Walk,
  id: CursorId,
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
const removeGone: Walk["remove"] = async ({ file, run }, tx, placed, tally) => {
  const subs = placed.filter(mayBeTakenBack).map(({ key }) => key);
  const gone = await leftSince(tx, run, subs);
  const taken = await peopleByAddress(
    tx,
    run,
    [...gone.values()].flatMap(({ email }) => email ?? []),
  );
  const linked = await linkedAmong(tx, run, [...gone.keys()]);
  const becomes = ({ key }: Placed) => {
    if (gone.get(key)?.isPurged) return DELETED_UNKNOWN;
    return taken.has(gone.get(key)?.email ?? "") || linked.has(key) ? DELETED_KEPT : DELETED_REMOVED;
  };
  const leaving = placed.filter(({ key }) => gone.has(key));
  for (const one of leaving) tally.addWithExample(becomes(one), one.key, MAX_EXAMPLES);
  if (!file.dryRun)
    await queueRemovals(
      tx,
      run,
      "users",
      leaving.filter((one) => becomes(one) === DELETED_REMOVED),
    );
};

/**
 * Memberships that the plan does not hold any more: of people whom it decides, and not of those whom it leaves out. An
 * account that was merged into another one since still lets its person in: it keeps those that the other one is to have.
 */
const removeSurplus: Walk["remove"] = async ({ file, run }, tx, placed, tally) => {
  const { disabledLater } = file.users;
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
};

import { noteAccount } from "../../ledger/bridge.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import type { Tx } from "../../ledger/ledger.ts";
import {
  addWorkItems,
  lastOrdinal,
  membersAmong,
  noteChanged,
  openButUnlisted,
  type PlannedUser,
  type PlanPosition,
  replanWorkItems,
  writeDecisions,
} from "../../ledger/plan.ts";
import { identitiesByProvider } from "../../ledger/source-users.ts";
import type { Migration } from "../../migration.ts";
import { type Decision, decideCluster } from "../../plan/decide.ts";
import { isUndecided, noResetReason } from "../../plan/reset-policy.ts";
import { accountOf } from "../account.ts";
import { NO_RESET_PREFIX } from "../resets/plan-resets.ts";
import { cursorId } from "../steps.ts";
import { Tally } from "../tally.ts";
import { plannedHash } from "./check-record.ts";
import { type ClusterSlice, nextClusters } from "./clusters.ts";
import { planMemberships } from "./plan-memberships.ts";
import { type Planning, slice } from "./planning.ts";

const MAX_EXAMPLES = 2;
const MAX_SKIPPED = 500;
/** Counters of a pilot's identities: `pilot:<provider>`. */
export const PILOT_PREFIX = "pilot:";
/** Counters of the reset campaign. */
export const MAILED = "reset_mails";
export const UNDECIDED_RESETS = "resets_undecided";

export interface Decided {
  decision: Decision;
  user: PlannedUser;
}

/** Decides cluster by cluster, from where the cursor stands. */
export async function decideUsers(planning: Planning, until: number): Promise<Cursor> {
  const id = cursorId(planning.run, "plan");
  let cursor = await takeCursor(planning.ledger, id, planning.pulse.fence);
  while (!cursor.done && Date.now() < until) {
    const from = cursor;
    cursor = await slice(planning, (tx) => decideSlice(planning, tx, id, from));
    planning.pulse.show({ planned: cursor.counters.planned ?? 0 });
  }
  return cursor;
}

async function decideSlice(planning: Planning, tx: Tx, id: CursorId, cursor: Cursor): Promise<Cursor> {
  // Written by this function only.
  const after = cursor.position === null ? null : (JSON.parse(cursor.position) as PlanPosition);
  const next = await nextClusters(tx, planning.run, after);
  const tally = new Tally(cursor.counters);
  const decided = await decideClusters(planning, tx, next, tally);
  for (const one of decided) count(one, tally);
  await write(planning, tx, decided, tally);
  const moved: Cursor = {
    position: next.end === null ? cursor.position : JSON.stringify(next.end),
    done: next.end === null,
    counters: tally.all(),
  };
  await moveCursor(tx, id, planning.pulse.fence, moved);
  return moved;
}

async function decideClusters(
  planning: Planning,
  tx: Tx,
  { clusters, tooMany }: ClusterSlice,
  tally: Tally,
): Promise<Decided[]> {
  const { file, destination } = planning;
  const policy = { users: file.users, refusesEmail: (email: string) => destination.refusesEmail(email) };
  const isSelected = await selection(planning, tx, clusters.flat(), tally.get("create"));
  return clusters.flatMap((cluster) => {
    const users = new Map(cluster.map((user) => [user.sub, user]));
    const decisions = isSelected(cluster)
      ? decideCluster(
          cluster.map((user) => accountOf(user, user.itemState === "done" || user.movedTo !== null)),
          policy,
          tooMany,
        )
      : cluster.map(notSelected);
    return decisions.map((decision) => {
      const user = users.get(decision.sub);
      if (user === undefined) throw new Error("A decision is about nobody in its cluster.");
      return { decision, user };
    });
  });
}

/** `only` narrows the plan, by whole clusters. `planned` is how many were selected before this slice. */
async function selection({ file, run }: Planning, tx: Tx, users: readonly PlannedUser[], planned: number) {
  const { only } = file;
  if (only === undefined) return () => true;
  if ("limit" in only) {
    let left = only.limit - planned;
    return () => left-- > 0;
  }
  const subs = users.map((user) => user.sub);
  const chosen =
    "subs" in only ? new Set(only.subs) : await membersAmong(tx, run.migrationId, only.group, subs);
  return (cluster: readonly PlannedUser[]) => cluster.some((user) => chosen.has(user.sub));
}

function notSelected({ sub }: PlannedUser): Decision {
  return { sub, action: "skip", reason: "not_selected", mergeInto: null };
}

function count({ decision, user }: Decided, tally: Tally): void {
  tally.add("planned", 1);
  tally.add(decision.action, 1);
  if (user.identities_broken === 1) tally.add("identities_broken", 1);
  const isStillThere = user.itemState === "done" && decision.reason === "disabled";
  if (isStillThere) tally.addWithExample("disabled_after_import", user.sub, MAX_EXAMPLES);
}

/** Decisions, and the work items that follow from them: new ones are numbered, earlier ones brought in line. */
async function write(planning: Planning, tx: Tx, decided: readonly Decided[], tally: Tally): Promise<void> {
  const { migrationId, generation } = planning.run;
  const decisions = decided.map(({ decision }) => decision);
  await writeDecisions(tx, migrationId, generation, decisions);
  const creates = decided.filter(({ decision }) => decision.action === "create").map(({ user }) => user);
  const others = decided.filter(({ decision }) => decision.action !== "create").map(({ user }) => user);
  const hashes = new Map(creates.map((user) => [user.sub, plannedHash(planning, user, tally, MAX_EXAMPLES)]));
  const changed = creates.filter(
    ({ sub, itemState, itemHash }) => itemState === "done" && itemHash !== hashes.get(sub),
  );
  await noteChanged(tx, migrationId, "users", subsOf(changed));
  const isNew = (user: PlannedUser) => user.itemState === null;
  const last = await lastOrdinal(tx, migrationId, "users");
  const fresh = creates.filter(isNew);
  await addWorkItems(tx, migrationId, "users", last, subsOf(fresh));
  await settleMoved(tx, migrationId, fresh, hashes);
  const known = (users: readonly PlannedUser[]) => subsOf(users.filter((user) => !isNew(user)));
  await replanWorkItems(tx, migrationId, "users", known(creates), "pending");
  await replanWorkItems(tx, migrationId, "users", known(others), "skipped");
  await planMemberships(planning, tx, decided, tally);
  if (planning.file.passwordResets.send) countResets(planning.file, creates, tally);
  if (planning.file.only !== undefined) await countPilot(tx, migrationId, decided, tally);
}

/**
 * People to whom the bridge gave an account before any snapshot listed them: their new work is done by that. It counts
 * as there before, because the ledger did not keep who made it.
 */
async function settleMoved(
  tx: Tx,
  migrationId: number,
  fresh: readonly PlannedUser[],
  hashes: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { sub, movedTo } of fresh) {
    if (movedTo === null) continue;
    const recordHash = hashes.get(sub) ?? "";
    await noteAccount(tx, migrationId, { sub, destinationId: movedTo, how: "already_there", recordHash });
  }
}

/** Who would be mailed, and why the others are not, as far as anybody can know before the import. */
function countResets({ passwordResets }: Migration, creates: readonly PlannedUser[], tally: Tally): void {
  for (const user of creates) {
    const candidate = { ...accountOf(user, false), how: "created" };
    if (isUndecided(candidate, passwordResets))
      tally.addWithExample(UNDECIDED_RESETS, user.sub, MAX_EXAMPLES);
    const reason = noResetReason(candidate, passwordResets);
    tally.add(reason === null ? MAILED : `${NO_RESET_PREFIX}${reason}`, 1);
  }
}

/** Which providers the people of a pilot use: nobody waits for the others. */
async function countPilot(tx: Tx, migrationId: number, decided: readonly Decided[], tally: Tally) {
  const coming = decided.filter(({ decision }) => decision.action !== "skip").map(({ user }) => user);
  for (const { provider, identities } of await identitiesByProvider(tx, migrationId, subsOf(coming)))
    tally.add(`${PILOT_PREFIX}${provider}`, identities);
}

/** Whoever is gone from Cognito since an earlier run is not imported any more. */
export async function skipUnlisted(planning: Planning): Promise<void> {
  const { migrationId, generation } = planning.run;
  for (let skipped = MAX_SKIPPED; skipped === MAX_SKIPPED; )
    skipped = await slice(planning, async (tx) => {
      const subs = await openButUnlisted(tx, migrationId, "users", generation, MAX_SKIPPED);
      await replanWorkItems(tx, migrationId, "users", subs, "skipped");
      return subs.length;
    });
}

function subsOf(users: readonly PlannedUser[]): string[] {
  return users.map((user) => user.sub);
}

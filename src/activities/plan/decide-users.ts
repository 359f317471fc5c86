import type { Migration } from "../../domain/migration.ts";
import { cursorId } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { accountOf, plannedAccount } from "../../ledger/account.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { queueDifferences, queueRemovals } from "../../ledger/difference.ts";
import { earlierAccounts } from "../../ledger/earlier-accounts.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { mailedAmong } from "../../ledger/mails.ts";
import { addressesOf, membersAmong, type PlannedUser, writeDecisions } from "../../ledger/plan.ts";
import { identitiesByProvider } from "../../ledger/source-users.ts";
import { DISABLED_SINCE, MAILED_BEFORE, OTHER_ADDRESS, PLAN_WALK } from "../../plan/counters.ts";
import { type Decision, decidedOf } from "../../plan/decide.ts";
import { differenceOf } from "../../plan/difference.ts";
import { isUndecided, type NoResetReason, noResetReason } from "../../plan/reset-policy.ts";
import { decidePeople, type EarlierAccount } from "../../plan/signed-up-again.ts";
import { accountDifference } from "../../plan/user-change.ts";
import { NO_RESET_PREFIX } from "../resets/plan-resets.ts";
import { plannedFingerprint, presentFingerprint } from "./check-record.ts";
import {
  type Cluster,
  type ClusterSlice,
  type GroupsBySub,
  nextClusters,
  type PlanPosition,
  withGroups,
} from "./clusters.ts";
import { DISABLED_REMOVED, toDo } from "./counters-of-plan.ts";
import { planMemberships } from "./plan-memberships.ts";
import { mayBeTakenBack } from "./plan-removals.ts";
import { type Planning, slice } from "./planning.ts";

const MAX_EXAMPLES = 2;
/** Counters of a pilot's identities: `pilot:<provider>`. */
export const PILOT_PREFIX = "pilot:";
/** Counters of the reset campaign. */
export const MAILED = "reset_mails";
export const UNDECIDED_RESETS = "resets_undecided";

export interface Decided {
  decision: Decision;
  user: PlannedUser;
  /** With whom they are decided. */
  cluster: Cluster;
}

/** Decides cluster by cluster, from where the cursor stands. */
export async function decideUsers(planning: Planning, until: number): Promise<Cursor> {
  const id = cursorId(planning.run, PLAN_WALK);
  let cursor = await takeCursor(planning.ledger, id, planning.pulse.fence);
  while (!cursor.done && performance.now() < until) {
    const from = cursor;
    cursor = await slice(planning, (tx) => decideSlice(planning, tx, id, from));
    planning.pulse.show({ planned: cursor.counters.planned ?? 0 });
  }
  return cursor;
}

async function decideSlice(planning: Planning, tx: Tx, id: CursorId, cursor: Cursor): Promise<Cursor> {
  // Written by this function only.
  const after = cursor.position === null ? null : (JSON.parse(cursor.position) as PlanPosition);
  const { slice: next, groups } = await readSlice(planning, tx, after);
  const tally = new Tally(cursor.counters);
  const decided = await decideClusters(planning, tx, next, tally);
  for (const one of decided) count(planning, one, tally);
  await write(planning, tx, decided, groups, tally);
  const moved: Cursor = {
    position: next.end === null ? cursor.position : JSON.stringify(next.end),
    done: next.end === null,
    counters: tally.all(),
  };
  await moveCursor(tx, id, planning.pulse.fence, moved);
  return moved;
}

/** Groups are read only where they decide who belongs to what. */
async function readSlice(
  { run, file, goneGroups }: Planning,
  tx: Tx,
  after: PlanPosition | null,
): Promise<{ slice: ClusterSlice; groups: GroupsBySub }> {
  const next = await nextClusters(tx, run, after);
  if (file.organizations.from === "none") return { slice: next, groups: new Map() };
  const { slice: taken, groups } = await withGroups(tx, run, next);
  for (const [sub, own] of groups)
    groups.set(
      sub,
      own.filter((group) => !goneGroups.has(group)),
    );
  return { slice: taken, groups };
}

async function decideClusters(
  planning: Planning,
  tx: Tx,
  { clusters }: ClusterSlice,
  tally: Tally,
): Promise<Decided[]> {
  const { run } = planning;
  const addresses = clusters.flatMap(({ users }) => addressesOf(users));
  const earlier = await earlierAccounts(tx, run.migrationId, run.generation, addresses);
  const people = clusters.flatMap(({ users }) => users);
  const isSelected = await selection(planning, tx, people, tally.get("create"));
  return clusters.flatMap((cluster) => {
    const users = new Map(cluster.users.map((user) => [user.sub, user]));
    const decisions = isSelected(cluster.users)
      ? decideTogether(planning, cluster, earlierOf(cluster, earlier))
      : cluster.users.map(notSelected);
    return decisions.map((decision) => {
      const user = users.get(decision.sub);
      if (user === undefined) throw new Error("A decision is about nobody in its cluster.");
      return { decision, user, cluster };
    });
  });
}

/** Nobody else who may sign in is decided with them, or has an address of theirs. */
function isAlone({ users, witnesses, isPart }: Cluster, user: PlannedUser): boolean {
  return !isPart && [...users, ...witnesses].every(({ sub, enabled }) => sub === user.sub || enabled === 0);
}

function earlierOf(
  { users }: Cluster,
  byAddress: ReadonlyMap<string, readonly EarlierAccount[]>,
): EarlierAccount[] {
  return addressesOf(users).flatMap((address) => byAddress.get(address) ?? []);
}

function decideTogether(
  { file: { users }, destination }: Planning,
  cluster: Cluster,
  earlier: readonly EarlierAccount[],
): Decision[] {
  const accounts = cluster.users.map(plannedAccount);
  const policy = { users, refusesEmail: (email: string) => destination.refusesEmail(email) };
  const witnesses = cluster.witnesses.map((user) => accountOf(user, false));
  return decidePeople(accounts, policy, { tooMany: cluster.isPart, witnesses, earlier });
}

/** `only` narrows the plan, by whole clusters. `planned` is how many were selected before this slice. */
async function selection(planning: Planning, tx: Tx, users: readonly PlannedUser[], planned: number) {
  const { only } = planning.file;
  if (only === undefined) return () => true;
  if ("limit" in only) {
    let left = only.limit - planned;
    return () => left-- > 0;
  }
  const subs = users.map((user) => user.sub);
  const chosen = "subs" in only ? new Set(only.subs) : await members(planning, tx, only.group, subs);
  return (cluster: readonly PlannedUser[]) => cluster.some((user) => chosen.has(user.sub));
}

async function members({ run, goneGroups }: Planning, tx: Tx, group: string, subs: readonly string[]) {
  return goneGroups.has(group) ? new Set<string>() : membersAmong(tx, run, group, subs);
}

function notSelected({ sub }: PlannedUser): Decision {
  return { sub, action: "skip", reason: "not_selected", mergeInto: null };
}

function count(planning: Planning, one: Decided, tally: Tally): void {
  const { decision, user } = one;
  tally.add("planned", 1);
  tally.add(decision.action, 1);
  if (user.identities_broken === 1) tally.add("identities_broken", 1);
  if (decision.reason !== "disabled" || user.placed === undefined) return;
  if (isToBeRemoved(planning, one)) tally.addWithExample(DISABLED_REMOVED, user.sub, MAX_EXAMPLES);
  else if (user.placed.state === "standing") tally.addWithExample(DISABLED_SINCE, user.sub, MAX_EXAMPLES);
}

/** Whoever was disabled since, and has an account of our making that nobody else may need. A pilot removes nothing. */
function isToBeRemoved({ file, destination }: Planning, { decision, user, cluster }: Decided): boolean {
  if (decision.reason !== "disabled" || file.users.disabledLater !== "delete") return false;
  if (file.only !== undefined || destination.users.removals === undefined) return false;
  return mayBeTakenBack(user.placed) && isAlone(cluster, user);
}

/** Decisions, and what a run has to do about them. */
async function write(
  planning: Planning,
  tx: Tx,
  decided: readonly Decided[],
  groups: GroupsBySub,
  tally: Tally,
): Promise<void> {
  const { run, file } = planning;
  const decisions = decided.map((one) => ({
    ...one.decision,
    fingerprint: fingerprintOf(planning, one, tally),
  }));
  await writeDecisions(tx, run, decisions, file);
  const creates = decided.filter(({ decision }) => decision.action === "create").map(({ user }) => user);
  const fingerprints = new Map(decisions.map(({ sub, fingerprint }) => [sub, fingerprint]));
  const planned = creates.map((user) => plannedUser(planning, user, fingerprints.get(user.sub), tally));
  const removed = decided.filter((one) => isToBeRemoved(planning, one));
  if (!file.dryRun) {
    await queueDifferences(tx, run, "users", planned);
    await queueRemovals(
      tx,
      run,
      "users",
      removed.flatMap(({ user }) => user.placed ?? []),
    );
  }
  await planMemberships(planning, tx, decided, groups, tally);
  if (file.passwordResets.send) {
    await countResets(tx, run.migrationId, file, creates, tally);
    countMerged(file, decided, tally);
  }
  if (file.only !== undefined) await countPilot(tx, run.migrationId, decided, tally);
}

function fingerprintOf(planning: Planning, { decision, user }: Decided, tally: Tally): string | null {
  if (decision.action === "create") return plannedFingerprint(planning, user, tally, MAX_EXAMPLES);
  // A pilot skips people whom an earlier run imported: without this the report could not tell who of them changed.
  const standsAlone = decision.action === "skip" && user.placed?.state === "standing";
  return standsAlone ? presentFingerprint(planning, user) : null;
}

/** What becomes of somebody who is to have an account, or has one. */
function plannedUser(
  { file, destination }: Planning,
  { sub, placed }: PlannedUser,
  fingerprint: string | null | undefined,
  tally: Tally,
) {
  let isChanged = false;
  if (placed?.state === "standing" && fingerprint != null) {
    const isReaddressed = decidedOf({ sub }, file) === "readdress";
    const { fields, hasOtherAddress } = accountDifference(placed, fingerprint, isReaddressed);
    isChanged = fields.length > 0 && destination.users.updates !== undefined;
    if (hasOtherAddress) tally.addWithExample(OTHER_ADDRESS, sub, MAX_EXAMPLES);
  }
  const difference = differenceOf(placed ?? null, isChanged);
  tally.add(toDo("user", difference.kind), 1);
  return { kind: "user" as const, key: sub, difference };
}

/** Who would be mailed, and why the others are not, as far as anybody can know before the import. */
async function countResets(
  tx: Tx,
  migrationId: number,
  { passwordResets }: Migration,
  creates: readonly PlannedUser[],
  tally: Tally,
): Promise<void> {
  const before = await mailedAmong(tx, migrationId, subsOf(creates));
  for (const user of creates) {
    const candidate = { ...accountOf(user, false), how: user.placed?.how ?? "created" };
    if (isUndecided(candidate, passwordResets))
      tally.addWithExample(UNDECIDED_RESETS, user.sub, MAX_EXAMPLES);
    const reason = noResetReason(candidate, passwordResets);
    if (reason !== null) tally.add(`${NO_RESET_PREFIX}${reason}`, 1);
    else tally.add(before.has(user.sub) ? MAILED_BEFORE : MAILED, 1);
  }
}

/** People with a password for whom an account without one stands. */
function countMerged({ passwordResets }: Migration, decided: readonly Decided[], tally: Tally): void {
  const federated = new Set(decided.filter(({ user }) => user.native === 0).map(({ user }) => user.sub));
  for (const { decision, user } of decided) {
    if (decision.action !== "merge" || !federated.has(decision.mergeInto)) continue;
    const reason = noResetReason({ ...accountOf(user, false), how: "created" }, passwordResets);
    if (reason === null) tally.add(`${NO_RESET_PREFIX}${MERGED}`, 1);
  }
}

export const MERGED: NoResetReason = "merged_into_federated";

/** Which providers the people of a pilot use: nobody waits for the others. */
async function countPilot(tx: Tx, migrationId: number, decided: readonly Decided[], tally: Tally) {
  const coming = decided.filter(({ decision }) => decision.action !== "skip").map(({ user }) => user);
  for (const { provider, identities } of await identitiesByProvider(tx, migrationId, subsOf(coming)))
    tally.add(`${PILOT_PREFIX}${provider}`, identities);
}

function subsOf(users: readonly PlannedUser[]): string[] {
  return users.map((user) => user.sub);
}

import type { Migration } from "../domain/migration.ts";
import { UsageError } from "../exit.ts";
import { accountOf, plannedAccount } from "../ledger/account.ts";
import { clustersByKey, type WholeCluster } from "../ledger/clusters.ts";
import { readCursor } from "../ledger/cursors.ts";
import { earlierAccounts } from "../ledger/earlier-accounts.ts";
import { readFindings } from "../ledger/findings.ts";
import type { Db, Ledger } from "../ledger/ledger.ts";
import { placedAmong } from "../ledger/placed.ts";
import { addressesOf, decisionsAmong, type PlannedFate } from "../ledger/plan.ts";
import { isPurged, type MigrationRow, type RunOfMigration, runOf } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";
import { providersAmong, type SourceUserRow, sourceUsersBySub } from "../ledger/source-users.ts";
import { changedAfter, type Undecided, undecidedAfter } from "../ledger/undecided.ts";
import {
  type Answer,
  answersOf,
  type DecidedPeople,
  decidedNow,
  isUndecided,
  MAX_ANSWERS,
} from "../plan/answers.ts";
import { type Decision, decidedOf, type Policy } from "../plan/decide.ts";
import { accountDifference } from "../plan/user-change.ts";

/** What the newest plan leaves to a person, as far as the ledger knows. */

/** What is asked about, in the order in which it is asked. */
export interface OpenDecisions {
  /** Keys of clusters. */
  clusters: readonly string[];
  /** Subs of people whose account has another address than they have. */
  otherAddresses: readonly string[];
}

export interface Person {
  user: SourceUserRow;
  /** Names of the identity providers by which they sign in. */
  providers: readonly string[];
  /** By the file as it stands; null for somebody who is decided elsewhere and only has the address. */
  decision: Decision | null;
  inFile: "import" | "skip" | "readdress" | null;
  standsSinceMs: number | null;
}

export interface OpenCluster {
  /** Why the plan left them out. */
  reason: string;
  people: readonly Person[];
  /** There are more people than are shown. */
  isPart: boolean;
  /** The file leaves nobody open any more. */
  isAnswered: boolean;
  answers: readonly Answer[];
  /** Others than the answers name could come along as well. */
  hasMore: boolean;
  decided: DecidedPeople;
  policy: Policy;
}

const SLICE_PEOPLE = 1_000;
const SLICE_CHANGED = 2_000;

/** Throws UsageError where nothing is planned yet. */
export async function findOpenDecisions(
  ledger: Ledger,
  migration: MigrationRow,
  planFirst: string,
): Promise<OpenDecisions> {
  const run = runOf(migration);
  if (migration.undo !== null)
    throw new UsageError(`The newest run is an undo, which decides about nobody: ${planFirst} does.`);
  if (isPurged(migration))
    throw new UsageError(
      "What the plan left to a person was purged from the ledger, and a plan reads nobody after that: `./spillway migrate FILE` asks whether to read the pool again.",
    );
  if (!(await readCursor(ledger, { ...run, name: "plan" })).done)
    throw new UsageError(
      `The newest run has not decided about everybody yet: wait for its phase "plan", or let ${planFirst} read the pool.`,
    );
  const keys = new Set<string>();
  const waiting = slicesAfter(
    "",
    ({ sub }: Undecided) => sub,
    (after) => ledger.read((db) => undecidedAfter(db, run, after, SLICE_PEOPLE)),
  );
  for await (const slice of waiting) for (const { clusterKey } of slice) keys.add(clusterKey);
  return { clusters: [...keys], otherAddresses: await findOtherAddresses(ledger, run) };
}

/** The plan tells whether there are any: without them nobody has to wait for a walk over everybody. */
async function findOtherAddresses(ledger: Ledger, run: RunOfMigration): Promise<string[]> {
  const subs: string[] = [];
  const findings = await ledger.read((db) => readFindings(db, run.migrationId));
  if (!findings.some(({ code }) => code === "address_changed")) return subs;
  for (let after: string | null = ""; after !== null; ) {
    const from: string = after;
    const { changed, end } = await ledger.read((db) => changedAfter(db, run, from, SLICE_CHANGED));
    for (const { sub, how, written, planned } of changed)
      if (accountDifference({ how, fingerprint: written }, planned, false).hasOtherAddress) subs.push(sub);
    after = end;
  }
  return subs;
}

/** Those of these clusters that are still there, in this order. */
export async function readClusters(
  db: Db,
  migration: MigrationRow,
  keys: readonly string[],
  users: Migration["users"],
): Promise<OpenCluster[]> {
  const run = runOf(migration);
  const clusters = await clustersByKey(db, run, keys);
  const addresses = clusters.flatMap((cluster) => addressesOf(cluster.users));
  const earlier = await earlierAccounts(db, run.migrationId, run.generation, addresses);
  const subs = clusters.flatMap(everybody).map(({ sub }) => sub);
  const providers = await providersAmong(db, run.migrationId, subs);
  const planned = await decisionsAmong(db, run, subs);
  return clusters.map((cluster) => {
    const decided: DecidedPeople = {
      accounts: cluster.users.map(plannedAccount),
      around: {
        tooMany: cluster.isPart,
        witnesses: cluster.witnesses.map((user) => accountOf(user, false)),
        earlier: addressesOf(cluster.users).flatMap((address) => earlier.get(address) ?? []),
      },
    };
    const policy = { users, refusesEmail: refusedBy(cluster, planned) };
    const decisions = new Map(decidedNow(decided, policy).map((one) => [one.sub, one]));
    return {
      reason: reasonOf(cluster, planned),
      people: peopleOf(cluster, { planned, decisions, providers, policy }),
      isPart: cluster.isPart,
      isAnswered: ![...decisions.values()].some(isUndecided),
      answers: answersOf(decided, policy),
      hasMore: [...decisions.values()].filter(isUndecided).length > MAX_ANSWERS,
      decided,
      policy,
    };
  });
}

function everybody({ users, witnesses }: WholeCluster): SourceUserRow[] {
  return [...users, ...witnesses];
}

/** The plan has asked the destination. */
function refusedBy(cluster: WholeCluster, planned: ReadonlyMap<string, PlannedFate>) {
  const refused = new Set(
    cluster.users.filter(({ sub }) => planned.get(sub)?.reason === "email_refused").map(({ email }) => email),
  );
  return (email: string) => refused.has(email);
}

function reasonOf({ users }: WholeCluster, planned: ReadonlyMap<string, PlannedFate>): string {
  const reasons = users.map(({ sub }) => planned.get(sub)?.reason ?? null);
  return reasons.find((reason) => isUndecided({ reason })) ?? "";
}

interface KnownOfPeople {
  planned: ReadonlyMap<string, PlannedFate>;
  decisions: ReadonlyMap<string, Decision>;
  providers: ReadonlyMap<string, string[]>;
  policy: Policy;
}

function peopleOf(cluster: WholeCluster, { planned, decisions, providers, policy }: KnownOfPeople): Person[] {
  const own = cluster.users.map((user) => ({
    user,
    providers: providers.get(user.sub) ?? [],
    decision: decisions.get(user.sub) ?? null,
    inFile: decidedOf(user, policy) ?? null,
    standsSinceMs: user.placed?.state === "standing" ? user.placed.firstClaimedAtMs : null,
  }));
  const witnesses = cluster.witnesses.map((user) => ({
    ...{ user, providers: providers.get(user.sub) ?? [], decision: null },
    ...{ inFile: decidedOf(user, policy) ?? null, standsSinceMs: null },
  }));
  const isAsked = ({ user }: Person) => Number(isUndecided(planned.get(user.sub) ?? { reason: null }));
  // Those about whom is asked, then who is verified, then the oldest: whatever the file says by now.
  own.sort(
    (one, other) =>
      isAsked(other) - isAsked(one) ||
      other.user.email_verified - one.user.email_verified ||
      one.user.created_at_ms - other.user.created_at_ms,
  );
  return [...own, ...witnesses];
}

/** Those of these people whom the pool lists and whose account stands, in this order. */
export async function readOtherAddresses(
  db: Db,
  { id }: MigrationRow,
  subs: readonly string[],
  users: Migration["users"],
): Promise<Person[]> {
  const found = await sourceUsersBySub(db, id, subs);
  const placed = await placedAmong(db, id, "user", subs);
  const providers = await providersAmong(db, id, subs);
  return subs.flatMap((sub) => {
    const [user, stands] = [found.get(sub), placed.get(sub)];
    if (user === undefined || stands?.state !== "standing") return [];
    const inFile = decidedOf({ sub }, { users }) ?? null;
    const standsSinceMs = stands.firstClaimedAtMs;
    return [{ user, providers: providers.get(sub) ?? [], decision: null, inFile, standsSinceMs }];
  });
}

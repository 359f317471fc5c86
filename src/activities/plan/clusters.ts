import { type ClusterPeople, SMALL_CLUSTER, withWhatStands } from "../../ledger/clusters.ts";
import type { Tx } from "../../ledger/ledger.ts";
import {
  clusterAfter,
  clusterSizes,
  clustersAmong,
  decisionsAmong,
  groupsOf,
  groupsOfUpTo,
  sourceUsersAfter,
} from "../../ledger/plan.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import type { SourceUserRow } from "../../ledger/source-users.ts";
import { MAX_CLUSTER } from "../../plan/decide.ts";

/**
 * The plan walks by sub, which is the key of most that it writes: a tree that is filled in order takes the same time a
 * person however large it gets. A cluster is decided with the first of its people, and the walk passes the others.
 */

/** Keeps every statement and the wait for the ledger's write lock far under 250 ms. */
const SLICE_USERS = 500;

/** Where the walk stands: after this sub, or inside the cluster of that person, when it is too large to hold. */
export interface PlanPosition {
  sub: string;
  inside: { clusterKey: string; afterSub: string } | null;
}

export interface Cluster extends ClusterPeople {
  /** The cluster is too large to hold, and these are a part of it. */
  isPart: boolean;
  /** Where the walk goes on after it. */
  end: PlanPosition;
}

export interface ClusterSlice {
  clusters: readonly Cluster[];
  /** Where the next slice starts; null when there is none. */
  end: PlanPosition | null;
}

/** The next clusters after a position of which nobody is decided. None is cut, but for one too large to hold. */
export async function nextClusters(
  tx: Tx,
  run: RunOfMigration,
  after: PlanPosition | null,
): Promise<ClusterSlice> {
  if (after !== null && after.inside !== null) {
    const { clusterKey, afterSub } = after.inside;
    const rows = await clusterAfter(tx, run, clusterKey, afterSub, SLICE_USERS);
    const part = partOf(rows, after.sub);
    return { clusters: await withWhatStands(tx, run, rows.length === 0 ? [] : [part]), end: part.end };
  }
  const walked = await sourceUsersAfter(tx, run, after?.sub ?? "", SLICE_USERS);
  const last = walked.at(-1);
  if (last === undefined) return { clusters: [], end: null };
  const decided = await decisionsAmong(tx, run, walked.map(subOf));
  const open = walked.filter(({ sub }) => !decided.has(sub));
  const { found, isCut } = await clustersOf(tx, run, open);
  const end = isCut ? (found.at(-1)?.end ?? null) : afterSub(last.sub);
  return { clusters: await withWhatStands(tx, run, found), end };
}

type Found = Omit<Cluster, "users" | "witnesses"> & { users: readonly SourceUserRow[] };

/** The first clusters of these people, as many as one slice takes. */
async function clustersOf(
  tx: Tx,
  run: RunOfMigration,
  users: readonly SourceUserRow[],
): Promise<{ found: Found[]; isCut: boolean }> {
  const firsts = firstOfEachCluster(users);
  const sizes = await clusterSizes(tx, run, firsts.map(keyOf), SMALL_CLUSTER + 1);
  const sizeOf = (user: SourceUserRow) => sizes.get(keyOf(user)) ?? 1;
  const [first] = firsts;
  if (first !== undefined && sizeOf(first) > SMALL_CLUSTER)
    return { found: [await largeCluster(tx, run, first)], isCut: true };
  const taken: SourceUserRow[] = [];
  let people = 0;
  for (const user of firsts) {
    if (people >= SLICE_USERS || sizeOf(user) > SMALL_CLUSTER) break;
    taken.push(user);
    people += sizeOf(user);
  }
  const shared = await clustersAmong(tx, run, taken.filter((user) => sizeOf(user) > 1).map(keyOf));
  const found = taken.map((user) => ({
    users: shared.get(keyOf(user)) ?? [user],
    isPart: false,
    end: afterSub(user.sub),
  }));
  return { found, isCut: taken.length < firsts.length };
}

function firstOfEachCluster(users: readonly SourceUserRow[]): SourceUserRow[] {
  const firsts = new Map<string, SourceUserRow>();
  for (const user of users) if (!firsts.has(keyOf(user))) firsts.set(keyOf(user), user);
  return [...firsts.values()];
}

async function largeCluster(
  tx: Tx,
  run: RunOfMigration,
  { sub, cluster_key }: SourceUserRow,
): Promise<Found> {
  const users = await clusterAfter(tx, run, cluster_key, "", MAX_CLUSTER + 1);
  if (users.length > MAX_CLUSTER) return partOf(users.slice(0, SLICE_USERS), sub);
  return { users, isPart: false, end: afterSub(sub) };
}

/** `sub` is with whom the walk came to the cluster. */
function partOf(users: readonly SourceUserRow[], sub: string): Found {
  const last = users.at(-1);
  const inside =
    users.length < SLICE_USERS || last === undefined
      ? null
      : { clusterKey: last.cluster_key, afterSub: last.sub };
  return { users, isPart: true, end: { sub, inside } };
}

function afterSub(sub: string): PlanPosition {
  return { sub, inside: null };
}

function subOf({ sub }: SourceUserRow): string {
  return sub;
}

function keyOf({ cluster_key }: SourceUserRow): string {
  return cluster_key;
}

/** Where they are in many, groups of as many people are read by one statement: Cognito allows a hundred groups each. */
const GROUPS_CHUNK_USERS = 100;
/** About as many memberships are written in one transaction, unless one cluster alone has more. */
const MAX_GROUP_ROWS = 4_000;

export type GroupsBySub = Map<string, string[]>;

/** The first clusters of a slice whose people are not in too many groups for one transaction, and those groups. */
export async function withGroups(
  tx: Tx,
  run: RunOfMigration,
  slice: ClusterSlice,
): Promise<{ slice: ClusterSlice; groups: GroupsBySub }> {
  const everybody = slice.clusters.flatMap(({ users }) => users.map(subOf));
  const all = await groupsOfUpTo(tx, run, everybody, MAX_GROUP_ROWS);
  if (all !== null) return { slice, groups: all };
  const groups: GroupsBySub = new Map();
  const taken: Cluster[] = [];
  let groupRows = 0;
  while (taken.length < slice.clusters.length && groupRows < MAX_GROUP_ROWS) {
    const chunk = firstPeople(slice.clusters.slice(taken.length), GROUPS_CHUNK_USERS);
    const subs = chunk.flatMap(({ users }) => users.map(subOf));
    for (const [sub, own] of await groupsOf(tx, run, subs)) {
      groups.set(sub, own);
      groupRows += own.length;
    }
    taken.push(...chunk);
  }
  const isWhole = taken.length === slice.clusters.length;
  return { slice: isWhole ? slice : { clusters: taken, end: taken.at(-1)?.end ?? null }, groups };
}

/** The first clusters that have so many people together, or all. */
function firstPeople(clusters: readonly Cluster[], people: number): Cluster[] {
  const taken: Cluster[] = [];
  let count = 0;
  for (const cluster of clusters) {
    if (count >= people) break;
    taken.push(cluster);
    count += cluster.users.length;
  }
  return taken;
}

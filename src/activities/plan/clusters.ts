import type { RunRef } from "../../domain/contract.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { groupsOf, type PlannedUser, type PlanPosition, usersByCluster } from "../../ledger/plan.ts";
import { MAX_CLUSTER } from "../../plan/decide.ts";

/** Keeps every statement and the wait for the ledger's write lock far under 250 ms. */
const SLICE_USERS = 500;

export interface ClusterSlice {
  clusters: PlannedUser[][];
  /** The one cluster given is a part of one that is too large to hold. */
  tooMany: boolean;
  /** Where the next slice starts; null when there is none. */
  end: PlanPosition | null;
}

/** The next clusters after a position. None is cut, but for one too large to hold: that is walked in parts. */
export async function nextClusters(tx: Tx, run: RunRef, after: PlanPosition | null): Promise<ClusterSlice> {
  const rows = await usersByCluster(tx, run, after, SLICE_USERS);
  const first = rows[0]?.cluster_key;
  const last = rows.at(-1)?.cluster_key;
  if (first === undefined) return { clusters: [], tooMany: false, end: null };
  const isInParts = after !== null && after.sub !== null && after.clusterKey === first;
  if (isInParts) return part(rows, first);
  if (rows.length < SLICE_USERS) return whole(rows);
  if (first !== last) return whole(rows.filter((row) => row.cluster_key !== last));
  const more = await usersByCluster(tx, run, after, MAX_CLUSTER + 1);
  const cluster = more.filter((row) => row.cluster_key === first);
  return cluster.length > MAX_CLUSTER ? part(rows, first) : whole(cluster);
}

function whole(rows: readonly PlannedUser[]): ClusterSlice {
  const last = rows.at(-1);
  return {
    clusters: [...Map.groupBy(rows, (row) => row.cluster_key).values()],
    tooMany: false,
    end: last === undefined ? null : { clusterKey: last.cluster_key, sub: null },
  };
}

function part(rows: readonly PlannedUser[], key: string): ClusterSlice {
  const own = rows.filter((row) => row.cluster_key === key);
  const last = own.at(-1);
  return {
    clusters: [own],
    tooMany: true,
    end: last === undefined ? null : { clusterKey: key, sub: last.sub },
  };
}

/** Groups of as many people are read by one statement: Cognito allows a hundred groups each. */
const GROUPS_CHUNK_USERS = 100;
/** About as many memberships are written in one transaction, unless one cluster alone has more. */
const MAX_GROUP_ROWS = 4_000;

export type GroupsBySub = Map<string, string[]>;

/** The first clusters of a slice whose people are not in too many groups for one transaction, and those groups. */
export async function withGroups(
  tx: Tx,
  run: RunRef,
  slice: ClusterSlice,
): Promise<{ slice: ClusterSlice; groups: GroupsBySub }> {
  const groups: GroupsBySub = new Map();
  const taken: PlannedUser[][] = [];
  let groupRows = 0;
  while (taken.length < slice.clusters.length && groupRows < MAX_GROUP_ROWS) {
    const chunk: PlannedUser[][] = [];
    for (const cluster of slice.clusters.slice(taken.length)) {
      if (chunk.flat().length >= GROUPS_CHUNK_USERS) break;
      chunk.push(cluster);
    }
    const subs = chunk.flat().map((user) => user.sub);
    for (const [sub, own] of await groupsOf(tx, run, subs)) {
      groups.set(sub, own);
      groupRows += own.length;
    }
    taken.push(...chunk);
  }
  const isWhole = taken.length === slice.clusters.length;
  return { slice: isWhole ? slice : { ...whole(taken.flat()) }, groups };
}

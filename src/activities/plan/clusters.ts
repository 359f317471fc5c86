import type { Tx } from "../../ledger/ledger.ts";
import { type PlannedUser, type PlanPosition, usersByCluster } from "../../ledger/plan.ts";
import { MAX_CLUSTER } from "../../plan/decide.ts";
import type { RunRef } from "../../workflows/contract.ts";

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
  const { migrationId, generation } = run;
  const rows = await usersByCluster(tx, migrationId, generation, after, SLICE_USERS);
  const first = rows[0]?.cluster_key;
  const last = rows.at(-1)?.cluster_key;
  if (first === undefined) return { clusters: [], tooMany: false, end: null };
  const isInParts = after !== null && after.sub !== null && after.clusterKey === first;
  if (isInParts) return part(rows, first);
  if (rows.length < SLICE_USERS) return whole(rows);
  if (first !== last) return whole(rows.filter((row) => row.cluster_key !== last));
  const more = await usersByCluster(tx, migrationId, generation, after, MAX_CLUSTER + 1);
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

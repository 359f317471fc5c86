import { MAX_CLUSTER } from "../plan/decide.ts";
import type { Db } from "./ledger.ts";
import {
  addressesOf,
  clusterAfter,
  clusterSizes,
  clustersAmong,
  type PlannedUser,
  takenByLinks,
  withIdentities,
  withPlaced,
} from "./plan.ts";
import type { RunOfMigration } from "./runs.ts";
import type { SourceUserRow } from "./source-users.ts";

/** People who are decided together, and what their decision rests on. */

/** Clusters of up to so many people are read together, a larger one alone. */
export const SMALL_CLUSTER = 50;

export interface ClusterPeople {
  users: readonly PlannedUser[];
  /** Those of other clusters who have one of its addresses. */
  witnesses: readonly SourceUserRow[];
}

/** The same clusters with what stands of their people, with identities where these decide, and with witnesses. */
export async function withWhatStands<Found extends { users: readonly SourceUserRow[] }>(
  db: Db,
  run: RunOfMigration,
  found: readonly Found[],
): Promise<(Omit<Found, "users"> & ClusterPeople)[]> {
  const users = await withPlaced(
    db,
    run.migrationId,
    found.flatMap((cluster) => cluster.users),
  );
  const bySub = new Map(users.map((user) => [user.sub, user]));
  const clusters = found.map((cluster) => cluster.users.flatMap(({ sub }) => bySub.get(sub) ?? []));
  for (const user of await withIdentities(db, run.migrationId, clusters)) bySub.set(user.sub, user);
  const taken = await takenByLinks(
    db,
    run,
    found.flatMap((cluster) => addressesOf(cluster.users)),
  );
  const byEmail = Map.groupBy(taken, ({ email }) => email);
  return found.map((cluster) => ({
    ...cluster,
    users: cluster.users.flatMap(({ sub }) => bySub.get(sub) ?? []),
    witnesses: addressesOf(cluster.users)
      .flatMap((email) => byEmail.get(email) ?? [])
      .filter(({ cluster_key }) => cluster_key !== cluster.users[0]?.cluster_key),
  }));
}

export interface WholeCluster extends ClusterPeople {
  key: string;
  /** It is too large to be decided: no more people are read than show that. */
  isPart: boolean;
}

/** These clusters, in this order; one that nobody is in any more is left out. */
export async function clustersByKey(
  db: Db,
  run: RunOfMigration,
  keys: readonly string[],
): Promise<WholeCluster[]> {
  const sizes = await clusterSizes(db, run, keys, SMALL_CLUSTER + 1);
  const isSmall = (key: string) => (sizes.get(key) ?? 0) <= SMALL_CLUSTER;
  const small = await clustersAmong(db, run, keys.filter(isSmall));
  const found = [];
  for (const key of keys) {
    const users = isSmall(key)
      ? (small.get(key) ?? [])
      : await clusterAfter(db, run, key, "", MAX_CLUSTER + 1);
    if (users.length > 0) found.push({ key, users, isPart: users.length > MAX_CLUSTER });
  }
  return withWhatStands(db, run, found);
}

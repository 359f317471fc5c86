import { sql } from "kysely";
import { MAX_CLUSTER } from "../plan/decide.ts";
import { clustersBrought, type LinkedAccount, sharedKey } from "../plan/links.ts";
import { linkedAccountOf } from "./account.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";
import { addressesOf, IS_LINKED, type PlannedUser, withIdentities, withPlaced } from "./plan.ts";
import type { MigrationRow } from "./runs.ts";
import { type IdentityRow, type SourceUserRow, sourceUsersBySub } from "./source-users.ts";

/** People as the sign-in bridge decides them: by the newest snapshot that came to them, and the newest plan. */

interface Generation {
  id: number;
  generation: number;
}

/**
 * Everyone with this cluster key; of a cluster that is too large to be decided, no more than show that it is. While a
 * snapshot is under way, people whom it has not come to yet are taken from the one before.
 */
export async function bridgeCluster(
  db: Db,
  migration: Generation,
  clusterKey: string,
): Promise<PlannedUser[]> {
  const users = await db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migration.id)
    .where("cluster_key", "=", clusterKey)
    .where("generation", ">=", oldestGeneration(db, migration))
    .orderBy("sub")
    .limit(MAX_CLUSTER + 1)
    .execute();
  return withPlaced(db, migration.id, users);
}

/**
 * The same people, and whoever else comes to them by an identity that several hold: a snapshot gives everybody the key of
 * their own address, and the plan joins them later, by the same rules. `provenSub` has an address that is verified by now.
 * Whom a link takes to others stays here as well: at their own address the plan asks them too.
 */
export async function withLinked(
  db: Db,
  migration: Generation,
  cluster: readonly PlannedUser[],
  provenSub: string | null = null,
): Promise<PlannedUser[]> {
  let people = [...cluster];
  for (;;) {
    const more = await withHolders(db, migration, people, provenSub);
    // Those who came may hold other identities.
    if (more.length === people.length) return withIdentities(db, migration.id, [more]);
    people = more;
  }
}

async function withHolders(
  db: Db,
  migration: Generation,
  cluster: readonly PlannedUser[],
  provenSub: string | null,
): Promise<PlannedUser[]> {
  if (cluster.length === 0 || cluster.length > MAX_CLUSTER) return [...cluster];
  const known = new Set(cluster.map((user) => user.cluster_key));
  const whole = new Set<string>();
  const alone = new Map<string, SourceUserRow>();
  for (const identity of await identitiesOf(db, migration, cluster)) {
    const users = await holdersOf(db, migration, identity);
    const holders = users.map(linkedAccountOf).map((one) => (one.sub === provenSub ? verified(one) : one));
    const key = sharedKey(holders);
    if (key === null) continue;
    const coming = clustersBrought(holders).add(key);
    if (![...coming].some((clusterKey) => known.has(clusterKey))) continue;
    for (const clusterKey of coming) whole.add(clusterKey);
    for (const user of users) alone.set(user.sub, { ...user, cluster_key: key });
  }
  const all = [...cluster];
  for (const key of whole)
    if (!known.has(key) && all.length <= MAX_CLUSTER) all.push(...(await bridgeCluster(db, migration, key)));
  for (const { sub } of all) alone.delete(sub);
  return [...all, ...(await withPlaced(db, migration.id, [...alone.values()]))];
}

function verified(account: LinkedAccount): LinkedAccount {
  return { ...account, emailVerified: true };
}

function identitiesOf(
  db: Db,
  { id }: Generation,
  users: readonly SourceUserRow[],
): Promise<Omit<IdentityRow, "sub">[]> {
  const subs = users.map(({ sub }) => sub);
  return db
    .selectFrom("identities")
    .select(["provider", "user_id"])
    .where("migration_id", "=", id)
    .where(isOneOf(db, "sub", subs))
    .limit(MAX_CLUSTER)
    .execute();
}

/** Those whom a snapshot lists; an identity that very many hold links nobody. */
async function holdersOf(
  db: Db,
  migration: Generation,
  { provider, user_id }: Omit<IdentityRow, "sub">,
): Promise<SourceUserRow[]> {
  const rows = await db
    .selectFrom("identities")
    .select("sub")
    .where("migration_id", "=", migration.id)
    .where("provider", "=", provider)
    .where("user_id", "=", user_id)
    .limit(MAX_CLUSTER + 1)
    .execute();
  if (rows.length < 2 || rows.length > MAX_CLUSTER) return [];
  const subs = rows.map(({ sub }) => sub);
  return db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migration.id)
    .where(isOneOf(db, "sub", subs))
    .where("generation", ">=", oldestGeneration(db, migration))
    .execute();
}

/** Those of other clusters who have an address of this one, or one of `more`; of too many no more than show that. */
export async function bridgeWitnesses(
  db: Db,
  migration: Generation,
  cluster: readonly SourceUserRow[],
  more: Iterable<string> = [],
): Promise<SourceUserRow[]> {
  const subs = new Set(cluster.map(({ sub }) => sub));
  const emails = [...addressesOf(cluster), ...more];
  const taken = await db
    .selectFrom("source_users")
    .selectAll()
    .where("migration_id", "=", migration.id)
    .where(isOneOf(db, "email", emails))
    .where(IS_LINKED)
    .where("generation", ">=", oldestGeneration(db, migration))
    .limit(MAX_CLUSTER + 1)
    .execute();
  return taken.filter(({ sub }) => !subs.has(sub));
}

/** Everyone with this (normalised) address, also who is linked to somebody and has the key of theirs. */
export async function bridgePeople(db: Db, migration: Generation, email: string): Promise<SourceUserRow[]> {
  const cluster = await bridgeCluster(db, migration, email);
  const people = [...cluster, ...(await bridgeWitnesses(db, migration, cluster, [email]))];
  return people.filter((user) => user.email === email);
}

/** Undefined for somebody whom no snapshot listed. */
export async function bridgeUser(
  db: Db,
  migration: Generation,
  sub: string,
): Promise<PlannedUser | undefined> {
  const users = await sourceUsersBySub(db, migration.id, [sub]);
  return (await withPlaced(db, migration.id, [...users.values()]))[0];
}

/** Whether another pool's migration to the same environment has an account with this key. */
export async function isOfAnotherPool(
  db: Db,
  { id, destinationKind, environment }: Pick<MigrationRow, "id" | "destinationKind" | "environment">,
  externalId: string,
): Promise<boolean> {
  const others = await db
    .selectFrom("migrations")
    .select("id")
    .where("destination_kind", "=", destinationKind)
    .where("environment", "=", environment)
    .where("id", "<>", id)
    .execute();
  for (const other of others)
    if ((await placedAmong(db, other.id, "user", [externalId])).size > 0) return true;
  return false;
}

/** False for somebody whom the newest whole snapshot does not list any more. */
export async function isListed(
  db: Db,
  migration: Pick<MigrationRow, "id">,
  { generation }: Pick<SourceUserRow, "generation">,
): Promise<boolean> {
  const { oldest } = await db
    .selectNoFrom(oldestGeneration(db, migration).as("oldest"))
    .executeTakeFirstOrThrow();
  return generation >= oldest;
}

/** Whoever was listed last before this one is gone from Cognito. */
export function oldestGeneration(db: Db, { id }: Pick<MigrationRow, "id">) {
  const listed = db.selectFrom("migrations").select("listed_generation").where("id", "=", id);
  return sql<number>`coalesce((${listed}), 0)`;
}

/**
 * Whether the newest plan that came to this person selects them, since the file in force selects as it does. Dry runs
 * count while there was no other.
 */
export async function isSelected(
  db: Db,
  { id, generation, inForce }: Pick<MigrationRow, "id" | "generation" | "inForce">,
  sub: string,
): Promise<boolean> {
  const row = await db
    .selectFrom("plan")
    .select(["reason", "generation", "selected_generation"])
    .where("migration_id", "=", id)
    .where("sub", "=", sub)
    .executeTakeFirst();
  if (row === undefined) return false;
  if (inForce === null) return row.generation === generation && row.reason !== "not_selected";
  return row.selected_generation !== null && row.selected_generation >= inForce.selectingSince;
}

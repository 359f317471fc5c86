import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { isPurgedPerson } from "./personal-data.ts";
import { clustersAmong, takenByLinks } from "./plan.ts";
import type { RunOfMigration } from "./runs.ts";
import {
  holdersOf,
  type IdentityRow,
  identitiesAmong,
  type SourceUserRow,
  sourceUsersBySub,
} from "./source-users.ts";

/** Who has left the pool, and who else may need what was made for them. */

export interface Gone {
  /** The address that they had. */
  email: string | null;
  /** What was known of them was purged: nobody can tell who else they may be. */
  isPurged: boolean;
}

/** Those of these people whom the pool listed once and lists no more. */
export async function leftSince(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  subs: readonly string[],
): Promise<Map<string, Gone>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("source_users")
    .select(["sub", "username", "email"])
    .where("migration_id", "=", migrationId)
    .where("generation", "<", generation)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Map(rows.map(({ sub, email, ...row }) => [sub, { email, isPurged: isPurgedPerson(row) }]));
}

/** Those of these people with an identity that somebody else holds whom the pool lists: both are one person. */
export async function linkedAmong(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  subs: readonly string[],
): Promise<Set<string>> {
  const own = await identitiesAmong(db, migrationId, subs);
  const holders: IdentityRow[] = [];
  for (const [provider, same] of Map.groupBy(own, (held) => held.provider)) {
    const ids = same.map(({ user_id }) => user_id);
    holders.push(...(await holdersOf(db, migrationId, provider, ids)));
  }
  const users = await sourceUsersBySub(db, migrationId, holders.map(subOf));
  const listed = Map.groupBy(
    holders.filter(({ sub }) => users.get(sub)?.generation === generation),
    identityOf,
  );
  const isHeldByOther = (held: IdentityRow) =>
    listed.get(identityOf(held))?.some(({ sub }) => sub !== held.sub);
  return new Set(own.filter(isHeldByOther).map(subOf));
}

function identityOf({ provider, user_id }: IdentityRow): string {
  return JSON.stringify([provider, user_id]);
}

/** The people of the pool who have these addresses, by address; what nobody has is absent. */
export async function peopleByAddress(
  db: Db,
  run: RunOfMigration,
  emails: readonly string[],
): Promise<Map<string, SourceUserRow[]>> {
  if (emails.length === 0) return new Map();
  const own = [...(await clustersAmong(db, run, emails)).values()].flat();
  const linked = await takenByLinks(db, run, emails);
  const named = new Set(emails);
  return Map.groupBy(
    [...own, ...linked].filter(({ email }) => named.has(email ?? "")),
    ({ email }) => email ?? "",
  );
}

/** Whether somebody else of the pool who may sign in has this address. */
export async function isSharedAddress(
  db: Db,
  run: RunOfMigration,
  sub: string,
  email: string,
): Promise<boolean> {
  const people = (await peopleByAddress(db, run, [email])).get(email) ?? [];
  return people.some((other) => other.sub !== sub && other.enabled === 1);
}

function subOf({ sub }: { sub: string }): string {
  return sub;
}

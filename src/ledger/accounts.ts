import { sql } from "kysely";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/** Whose account something at the destination is. */

/** Of the predicate of the indexes by what the destination calls an account, word for word; ids are never null. */
const IS_USER = sql<boolean>`kind = 'user'`;

export interface AccountOfPerson {
  sub: string;
  userId: string | null;
}

/** Of these accounts, those that stand here, or stood, or may. */
export function peopleByAccount(
  db: Db,
  migrationId: number,
  userIds: readonly string[],
): Promise<AccountOfPerson[]> {
  return db
    .selectFrom("placed")
    .select(["key as sub", "destination_id as userId"])
    .where("migration_id", "=", migrationId)
    .where(IS_USER)
    .where(isOneOf(db, "destination_id", userIds))
    .execute();
}

/** Their subs by account; one that nobody here knows is absent. */
export async function subsByAccount(
  db: Db,
  migrationId: number,
  userIds: readonly string[],
): Promise<Map<string, string>> {
  if (userIds.length === 0) return new Map();
  const people = await peopleByAccount(db, migrationId, userIds);
  return new Map(people.flatMap(({ sub, userId }) => (userId === null ? [] : [[userId, sub]])));
}

/** Of these accounts, those that this migration made and removed again. */
export function peopleTakenBack(
  db: Db,
  migrationId: number,
  userIds: readonly string[],
): Promise<AccountOfPerson[]> {
  return db
    .selectFrom("taken_back")
    .select(["key as sub", "destination_id as userId"])
    .where("migration_id", "=", migrationId)
    .where(IS_USER)
    .where(isOneOf(db, "destination_id", userIds))
    .execute();
}

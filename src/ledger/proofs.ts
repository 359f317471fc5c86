import { isOneOf, nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/**
 * Proofs of the sign-in bridge: Cognito took somebody's password, and the destination that asked heard of it. Whether the
 * destination keeps the password since, only it knows: a proof is no move.
 */

export async function noteProven(db: Db, migrationId: number, sub: string): Promise<void> {
  const now = nowMsSql(db);
  await db
    .insertInto("bridge_proofs")
    .values({ migration_id: migrationId, sub, proven_at_ms: now })
    .onConflict((conflict) => conflict.columns(["migration_id", "sub"]).doUpdateSet({ proven_at_ms: now }))
    .execute();
}

/** Who of these has proven their password to the destination. */
export async function provenAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("bridge_proofs")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Set(rows.map((row) => row.sub));
}

import type { PlacedKind } from "../domain/books.ts";
import { isOneOf, nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { forgetMails } from "./mails.ts";
import type { PlacedKey } from "./placed.ts";
import { membershipsAmong } from "./standing-structure.ts";

/** What this migration made and removed again: it stands no more, so that a later plan may have it made anew. */

/** Of these people, whose account was removed again, or restored. */
export async function takenBackAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("taken_back")
    .select("key")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where(isOneOf(db, "key", subs))
    .execute();
  return new Set(rows.map(({ key }) => key));
}

/** Moves these out of the book of what stands; an account takes its memberships along. */
export async function takeBack(tx: Tx, migrationId: number, things: readonly PlacedKey[]): Promise<void> {
  for (const [kind, same] of Map.groupBy(things, (thing) => thing.kind)) {
    const keys = same.map(({ key }) => key);
    await move(tx, migrationId, kind, keys);
    if (kind !== "user") continue;
    await forgetPasswords(tx, migrationId, keys);
    await move(tx, migrationId, "membership", await membershipsAmong(tx, migrationId, keys));
  }
}

/**
 * These stand now, or do not. Where a removal in doubt was about another account of theirs, that one is gone, and all that
 * went out or was set for it: whoever has another one is mailed for that.
 */
export async function forgetReplaced(
  tx: Tx,
  migrationId: number,
  accounts: readonly { key: string; destinationId: string | null }[],
): Promise<void> {
  if (accounts.length === 0) return;
  const now = new Map(accounts.map(({ key, destinationId }) => [key, destinationId]));
  const doubted = await placedOf(tx, migrationId, "user")
    .select(["key", "doubted_id"])
    .where(isOneOf(tx, "key", [...now.keys()]))
    .where("state", "=", "in_doubt")
    .where("doubted_id", "is not", null)
    .execute();
  const gone = doubted.filter(({ key, doubted_id }) => now.get(key) !== doubted_id).map(({ key }) => key);
  if (gone.length === 0) return;
  await forgetMails(tx, migrationId, gone);
  await forgetPasswords(tx, migrationId, gone);
}

/** The password that the bridge brought went with the account: whoever gets another one needs a reset mail, or a move. */
async function forgetPasswords(tx: Tx, migrationId: number, subs: readonly string[]): Promise<void> {
  for (const table of ["bridge_moves", "bridge_proofs"] as const)
    await tx
      .deleteFrom(table)
      .where("migration_id", "=", migrationId)
      .where(isOneOf(tx, "sub", subs))
      .execute();
}

async function move(tx: Tx, migrationId: number, kind: PlacedKind, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await tx
    .insertInto("taken_back")
    .columns(["migration_id", "kind", "key", "destination_id", "at_ms"])
    .expression(
      placedOf(tx, migrationId, kind)
        .select(["migration_id", "kind", "key", "destination_id", nowMsSql(tx).as("at_ms")])
        .where(isOneOf(tx, "key", keys)),
    )
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "kind", "key"]).doUpdateSet((eb) => ({
        destination_id: eb.ref("excluded.destination_id"),
        at_ms: eb.ref("excluded.at_ms"),
      })),
    )
    .execute();
  await tx
    .deleteFrom("placed")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where(isOneOf(tx, "key", keys))
    .execute();
}

function placedOf(tx: Tx, migrationId: number, kind: PlacedKind) {
  return tx.selectFrom("placed").where("migration_id", "=", migrationId).where("kind", "=", kind);
}

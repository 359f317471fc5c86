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
 * went out or was set for it: whoever has another one is mailed for that. What the bridge has noted since the doubt, it does
 * for the other one, perhaps at this moment.
 */
export async function forgetReplaced(
  tx: Tx,
  migrationId: number,
  accounts: readonly { key: string; destinationId: string | null }[],
): Promise<void> {
  if (accounts.length === 0) return;
  const now = new Map(accounts.map(({ key, destinationId }) => [key, destinationId]));
  const doubted = await placedOf(tx, migrationId, "user")
    .select(["key", "doubted_id", "doubted_at_ms"])
    .where(isOneOf(tx, "key", [...now.keys()]))
    .where("state", "=", "in_doubt")
    .where("doubted_id", "is not", null)
    .where("doubted_at_ms", "is not", null)
    .$narrowType<{ doubted_at_ms: number }>()
    .execute();
  const gone = doubted.filter(({ key, doubted_id }) => now.get(key) !== doubted_id);
  for (const [atMs, same] of Map.groupBy(gone, ({ doubted_at_ms }) => doubted_at_ms)) {
    const subs = same.map(({ key }) => key);
    await forgetMails(tx, migrationId, subs, atMs);
    await forgetPasswords(tx, migrationId, subs, atMs);
  }
}

/** The password that the bridge brought went with the account: whoever gets another one needs a reset mail, or a move. */
async function forgetPasswords(
  tx: Tx,
  migrationId: number,
  subs: readonly string[],
  beforeMs = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  for (const [table, notedAtMs] of [
    ["bridge_moves", "begun_at_ms"],
    ["bridge_proofs", "proven_at_ms"],
  ] as const)
    await tx
      .deleteFrom(table)
      .where("migration_id", "=", migrationId)
      .where(isOneOf(tx, "sub", subs))
      .where(notedAtMs, "<", beforeMs)
      .execute();
  // Of whoever is being moved anew, an earlier move may be known as well.
  await tx
    .updateTable("bridge_moves")
    .set({ moved_at_ms: null })
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .where("moved_at_ms", "<", beforeMs)
    .execute();
}

/** How they were found at the last look says nothing of what is gone; the gate looks anew at a provider made anew. */
async function forgetFound(
  tx: Tx,
  migrationId: number,
  kind: PlacedKind,
  keys: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom("differences")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", kind)
    .where(isOneOf(tx, "key", keys))
    .execute();
  // A connection's key is the provider's name.
  if (kind === "connection")
    await tx
      .deleteFrom("provider_checks")
      .where("migration_id", "=", migrationId)
      .where(isOneOf(tx, "name", keys))
      .execute();
}

async function move(tx: Tx, migrationId: number, kind: PlacedKind, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await forgetFound(tx, migrationId, kind, keys);
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

import type { SentMail } from "../destinations/resets.ts";
import type { MailState } from "../domain/books.ts";
import { isOneOf, ledgerNowMs } from "./dialect.ts";
import { buildIndex } from "./indexes.ts";
import type { Db, Tx } from "./ledger.ts";
import { overtake } from "./queue-settlements.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * What the destination's own record says of reset mails. How far it was copied stands here and goes back with the ledger:
 * after a restore the record is read from there on, and tells of those whom the ledger forgot.
 */

const KIND = "reset_mails";

/** The copy begins with the migration: who was mailed before it is no matter of its campaign. */
export async function beginMailRecord(tx: Tx, migrationId: number): Promise<void> {
  await moveTo(tx, migrationId, await ledgerNowMs(tx));
}

/** Never goes back. The record is read by time, so no event has to be remembered. */
async function moveTo(tx: Tx, migrationId: number, atMs: number): Promise<void> {
  await tx
    .insertInto("event_positions")
    .values({ migration_id: migrationId, kind: KIND, event_id: "", at_ms: atMs })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "kind"])
        .doUpdateSet({ at_ms: atMs })
        .where("event_positions.at_ms", "<", atMs),
    )
    .execute();
}

/** When the newest mail that was copied went out; null where the copy never began. */
export async function mailRecordAtMs(db: Db, migrationId: number): Promise<number | null> {
  const row = await db
    .selectFrom("event_positions")
    .select("at_ms")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", KIND)
    .executeTakeFirst();
  return row?.at_ms ?? null;
}

/**
 * People are found by their accounts. Makes the index for it, unless it is there. The account comes first, so that nobody
 * who looks up keys takes this index for it.
 */
export async function indexAccounts(tx: Tx): Promise<void> {
  await buildIndex(tx, "create index if not exists placed_account on placed (destination_id, migration_id)");
}

/** Copies a page of the record, oldest first. Whoever was mailed and is unknown here is mailed no more. */
export async function copyMails(
  tx: Tx,
  run: RunOfMigration,
  mails: readonly SentMail[],
  state: Extract<MailState, "mailed" | "unsettled">,
): Promise<void> {
  const last = mails.at(-1);
  if (last === undefined) return;
  for (const { sub, mail } of await forgotten(tx, run, mails)) {
    const at = { claimed_at_ms: mail.atMs, settled_at_ms: mail.atMs, mail_id: mail.resetId };
    await tx
      .insertInto("mails")
      .values({ ...at, migration_id: run.migrationId, sub, sender: "campaign", state, mails: 1 })
      .onConflict((conflict) => conflict.columns(["migration_id", "sub", "sender"]).doNothing())
      .execute();
    await overtake(tx, run, "resets", { kind: "user", key: sub });
  }
  await moveTo(tx, run.migrationId, last.atMs);
}

/** Those who have an account, no mail in the book, and whom this run never came to. */
async function forgotten(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  mails: readonly SentMail[],
): Promise<{ sub: string; mail: SentMail }[]> {
  const byAccount = new Map(mails.map((mail) => [mail.userId, mail]));
  const people = await tx
    .selectFrom("placed")
    .select(["key as sub", "destination_id as userId"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where(isOneOf(tx, "destination_id", [...byAccount.keys()]))
    .execute();
  const subs = people.map(({ sub }) => sub);
  if (subs.length === 0) return [];
  const noted = await tx
    .selectFrom("mails")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .execute();
  const tried = await tx
    .selectFrom("work_items")
    .select("key as sub")
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", "resets")
    .where("kind", "=", "user")
    .where(isOneOf(tx, "key", subs))
    // A link of one's own whose mail was put off is in the record as well.
    .where("first_claimed_at_ms", "is not", null)
    .execute();
  const known = new Set([...noted, ...tried].map(({ sub }) => sub));
  return people.flatMap(({ sub, userId }) => {
    const mail = byAccount.get(userId ?? "");
    return mail === undefined || known.has(sub) ? [] : [{ sub, mail }];
  });
}

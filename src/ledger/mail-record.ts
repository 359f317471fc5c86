import type { SentMail } from "../destinations/resets.ts";
import type { MailState } from "../domain/books.ts";
import { isOneOf, ledgerNowMs } from "./dialect.ts";
import { buildIndex } from "./indexes.ts";
import type { Db, Tx } from "./ledger.ts";
import { overtake } from "./queue-settlements.ts";
import type { RunOfMigration } from "./runs.ts";

/**
 * What the destination's own record says of reset mails. How far it was copied stands here and goes back with the ledger:
 * after a restore the record is read from there on, and tells of those whom the ledger forgot. Each run reads it from the
 * migration's beginning: what it says of people who have no account here yet is passed over, and a later run may give
 * them one.
 */

const KIND = "reset_mails";
const ofRun = ({ generation }: RunOfMigration) => `${KIND}/${generation}`;
/** The ledger's clock and the destination's. */
const CLOCKS_DIFFER_MS = 5 * 60_000;

/** The copy begins with the migration: who was mailed before it is no matter of its campaign. */
export async function beginMailRecord(tx: Tx, migrationId: number): Promise<void> {
  await moveTo(tx, migrationId, KIND, await ledgerNowMs(tx));
}

/** Never goes back. The record is read by time, so no event has to be remembered. */
async function moveTo(tx: Tx, migrationId: number, kind: string, atMs: number): Promise<void> {
  await tx
    .insertInto("event_positions")
    .values({ migration_id: migrationId, kind, event_id: "", at_ms: atMs })
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "kind"])
        .doUpdateSet({ at_ms: atMs })
        .where("event_positions.at_ms", "<", atMs),
    )
    .execute();
}

/** Where the copying of the record stands; null for what is not known. */
export interface MailRecordPosition {
  /** When the migration began in this ledger: before its first import. */
  beganAtMs: number | null;
  /** When the newest mail that this run copied went out. */
  copiedAtMs: number | null;
}

export async function mailRecordPosition(db: Db, run: RunOfMigration): Promise<MailRecordPosition> {
  const rows = await db
    .selectFrom("event_positions")
    .select(["kind", "at_ms"])
    .where("migration_id", "=", run.migrationId)
    .where("kind", "in", [KIND, ofRun(run)])
    .execute();
  const atMs = new Map(rows.map((row) => [row.kind, row.at_ms]));
  return { beganAtMs: atMs.get(KIND) ?? null, copiedAtMs: atMs.get(ofRun(run)) ?? null };
}

/**
 * People are found by their accounts. Makes the index for it, unless it is there. The account comes first, so that nobody
 * who looks up keys takes this index for it.
 */
export async function indexAccounts(tx: Tx): Promise<void> {
  await buildIndex(tx, "create index if not exists placed_account on placed (destination_id, migration_id)");
}

type Copied = Extract<MailState, "mailed" | "unsettled">;

/** Copies a page of the record, oldest first. Whoever was mailed and is unknown here is mailed no more. */
export async function copyMails(
  tx: Tx,
  run: RunOfMigration,
  mails: readonly SentMail[],
  state: Copied,
): Promise<void> {
  const last = mails.at(-1);
  if (last === undefined) return;
  for (const { sub, mail } of await forgotten(tx, run, mails, state)) {
    const at = { claimed_at_ms: mail.atMs, settled_at_ms: mail.atMs, mail_id: mail.resetId };
    await tx
      .insertInto("mails")
      .values({ ...at, migration_id: run.migrationId, sub, sender: "campaign", state, mails: 1 })
      .onConflict((conflict) =>
        conflict
          .columns(["migration_id", "sub", "sender"])
          .doUpdateSet({ ...at, state, code: null })
          .where("mails.state", "=", "refused"),
      )
      .execute();
    await overtake(tx, run, "resets", { kind: "user", key: sub });
  }
  await moveTo(tx, run.migrationId, ofRun(run), last.atMs);
}

/** Those who have an account, and whose mail neither the book nor the queue of this run accounts for. */
async function forgotten(
  tx: Tx,
  run: RunOfMigration,
  mails: readonly SentMail[],
  state: Copied,
): Promise<{ sub: string; mail: SentMail }[]> {
  const byAccount = new Map(mails.map((mail) => [mail.userId, mail]));
  const people = await tx
    .selectFrom("placed")
    .select(["key as sub", "destination_id as userId"])
    .where("migration_id", "=", run.migrationId)
    .where("kind", "=", "user")
    .where(isOneOf(tx, "destination_id", [...byAccount.keys()]))
    .execute();
  const subs = people.map(({ sub }) => sub);
  if (subs.length === 0) return [];
  const noted = await notedAmong(tx, run.migrationId, subs);
  const tried = await triedAmong(tx, run, subs, state);
  return people.flatMap(({ sub, userId }) => {
    const mail = byAccount.get(userId ?? "");
    if (mail === undefined || tried.has(sub)) return [];
    // The link of one's own that was refused is in the record as well, by another clock.
    const until = (noted.get(sub) ?? 0) + (state === "unsettled" ? CLOCKS_DIFFER_MS : 0);
    return mail.atMs > until ? [{ sub, mail }] : [];
  });
}

/**
 * Until when the book accounts for these people's mails. A mail that was refused, or taken back, is none: one that went
 * out after it is of a try that the ledger forgot.
 */
async function notedAmong(
  tx: Tx,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, number>> {
  const rows = await tx
    .selectFrom("mails")
    .select(["sub", "state", "mails", "settled_at_ms as settledAtMs"])
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .execute();
  const until = new Map<string, number>();
  for (const { sub, state, mails, settledAtMs } of rows) {
    if (mails <= 0) continue;
    const ownUntil = state === "refused" ? (settledAtMs ?? 0) : Number.POSITIVE_INFINITY;
    until.set(sub, Math.max(until.get(sub) ?? 0, ownUntil));
  }
  return until;
}

/** Whom this run came to, so that it settles by itself what became of their mail. */
async function triedAmong(
  tx: Tx,
  { migrationId, generation }: RunOfMigration,
  subs: readonly string[],
  state: Copied,
): Promise<Set<string>> {
  let items = tx
    .selectFrom("work_items")
    .select("key as sub")
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("phase", "=", "resets")
    .where("kind", "=", "user")
    .where(isOneOf(tx, "key", subs))
    .where("first_claimed_at_ms", "is not", null);
  // What was put back without doubt had no effect, so its mail is of a later try. A link of one's own whose mail was put
  // off is in the record as well, and nothing tells the two apart. One that was refused is judged by the book.
  if (state === "mailed")
    items = items.where((eb) => eb.or([eb("in_doubt", "=", 1), eb("state", "=", "sending")]));
  return new Set((await items.execute()).map(({ sub }) => sub));
}

import { sql } from "kysely";
import type { SentMail } from "../destinations/resets.ts";
import { subsByAccount } from "./accounts-by-id.ts";
import { ledgerNowMs, listedRows } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { accountedAmong } from "./mails.ts";
import { type Overtaken, overtake } from "./queue-settlements.ts";
import type { RunOfMigration } from "./runs.ts";
import { unsentAmong } from "./unsent-links.ts";

/**
 * What the destination's own record says of reset mails. How far it was copied stands here and goes back with the ledger:
 * after a restore the record is read from there on, and tells of those whom the ledger forgot. Each run reads it from the
 * migration's beginning: what it says of people who have no account here yet is passed over, and a later run may give
 * them one.
 */

const KIND = "reset_mails";
/** The newest mail that any copy has come to. */
const NEWEST = "reset_mails_newest";
const ofRun = ({ generation }: RunOfMigration) => `${KIND}/${generation}`;
/** Since when the migration's mails have been its own. */
const OWN = "own_mails";
/** Until when nobody is mailed: what went out before is to show in the record first. */
const HELD = "mails_held";

/** The copy begins with the migration: who was mailed before it is no matter of its campaign. */
export async function beginMailRecord(tx: Tx, migrationId: number): Promise<void> {
  await moveTo(tx, migrationId, new Map([[KIND, await ledgerNowMs(tx)]]));
}

/** This run reads the record from its beginning again. */
export async function forgetCopied(tx: Tx, run: RunOfMigration): Promise<void> {
  await tx
    .deleteFrom("event_positions")
    .where("migration_id", "=", run.migrationId)
    .where("kind", "=", ofRun(run))
    .execute();
}

/** From now on a link in the record is not yet a mail. */
export async function beginOwnMails(tx: Tx, migrationId: number): Promise<void> {
  await tx
    .insertInto("event_positions")
    .values({ migration_id: migrationId, kind: OWN, event_id: "", at_ms: await ledgerNowMs(tx) })
    .onConflict((conflict) => conflict.columns(["migration_id", "kind"]).doNothing())
    .execute();
}

/** Nobody is mailed for so long, whoever resumes the run or starts the next one. */
export async function holdMails(tx: Tx, migrationId: number, forMs: number): Promise<void> {
  await moveTo(tx, migrationId, new Map([[HELD, (await ledgerNowMs(tx)) + forMs]]));
}

/** For how long nobody is mailed yet; a clock that was set back since makes it no longer than `atMostMs`. */
export async function mailsHeldForMs(db: Db, migrationId: number, atMostMs: number): Promise<number> {
  const row = await db
    .selectFrom("event_positions")
    .select("at_ms")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", HELD)
    .executeTakeFirst();
  const leftMs = row === undefined ? 0 : row.at_ms - (await ledgerNowMs(db));
  return Math.max(0, Math.min(leftMs, atMostMs));
}

/** None ever goes back. The record is read by time, so no event has to be remembered. */
async function moveTo(tx: Tx, migrationId: number, to: ReadonlyMap<string, number>): Promise<void> {
  await tx
    .insertInto("event_positions")
    .values([...to].map(([kind, at_ms]) => ({ migration_id: migrationId, kind, event_id: "", at_ms })))
    .onConflict((conflict) =>
      conflict
        .columns(["migration_id", "kind"])
        .doUpdateSet((eb) => ({ at_ms: eb.ref("excluded.at_ms") }))
        .whereRef("event_positions.at_ms", "<", "excluded.at_ms"),
    )
    .execute();
}

/** Where the copying of the record stands; null for what is not known. */
export interface MailRecordPosition {
  /** When the migration began in this ledger: before its first import. */
  beganAtMs: number | null;
  /** Of mails until then, this run copied all that the record showed. */
  copiedAtMs: number | null;
  /** When the newest mail went out that any run has copied. */
  newestAtMs: number | null;
  /** Whether a run of the migration sent mails of its own, as far as this ledger knows. */
  hasOwnMails: boolean;
}

export async function mailRecordPosition(db: Db, run: RunOfMigration): Promise<MailRecordPosition> {
  const rows = await db
    .selectFrom("event_positions")
    .select(["kind", "at_ms"])
    .where("migration_id", "=", run.migrationId)
    .where("kind", "in", [KIND, ofRun(run), NEWEST, OWN])
    .execute();
  const atMs = new Map(rows.map((row) => [row.kind, row.at_ms]));
  return {
    beganAtMs: atMs.get(KIND) ?? null,
    copiedAtMs: atMs.get(ofRun(run)) ?? null,
    newestAtMs: atMs.get(NEWEST) ?? null,
    hasOwnMails: atMs.has(OWN),
  };
}

/** What a link in the record says of the mail. */
type Copied = "mailed" | "unsettled";

const AS: Readonly<Record<Copied, Overtaken>> = {
  mailed: { state: "done", code: null },
  unsettled: { state: "skipped", code: "unsettled" },
};

/**
 * Copies a page of the record, oldest first. Whoever was mailed and is unknown here is mailed no more. Of what went out after
 * `shownToMs` some may still show, behind this page.
 */
export async function copyMails(
  tx: Tx,
  run: RunOfMigration,
  mails: readonly SentMail[],
  state: Copied,
  shownToMs: number,
): Promise<void> {
  const last = mails.at(-1);
  if (last === undefined) return;
  await noteForgotten(tx, run, await forgotten(tx, run.migrationId, mails), state);
  const to = new Map([
    [ofRun(run), Math.min(last.atMs, shownToMs)],
    [NEWEST, last.atMs],
  ]);
  await moveTo(tx, run.migrationId, to);
}

/** A mail that the ledger does not know, or knows no more. */
export interface ForgottenMail extends Pick<SentMail, "atMs"> {
  sub: string;
  /** Null where nobody knows it. */
  resetId: string | null;
}

const FORGOTTEN = { sub: "text", at_ms: "bigint", reset_id: "text" };

/** One of each person: nobody is mailed again for it. */
export async function noteForgotten(
  tx: Tx,
  run: RunOfMigration,
  mails: readonly ForgottenMail[],
  state: Copied,
): Promise<void> {
  if (mails.length === 0) return;
  const rows = mails.map(({ sub, atMs, resetId }) => ({ sub, at_ms: atMs, reset_id: resetId }));
  await sql`
    insert into mails (migration_id, sub, sender, state, mails, claimed_at_ms, settled_at_ms, mail_id)
    select cast(${run.migrationId} as integer), sub, 'campaign', cast(${state} as text), 1, at_ms, at_ms, reset_id
    from ${listedRows(tx, FORGOTTEN, rows)} where true
    on conflict (migration_id, sub, sender) do update set
      state = excluded.state, claimed_at_ms = excluded.claimed_at_ms, settled_at_ms = excluded.settled_at_ms,
      mail_id = excluded.mail_id, code = null
      where mails.state = 'refused'`.execute(tx);
  await overtake(tx, run, "resets", { kind: "user", keys: mails.map(({ sub }) => sub) }, AS[state]);
}

/** A mail of each of those who have an account, and for whose mails the ledger does not account. */
async function forgotten(tx: Tx, migrationId: number, mails: readonly SentMail[]): Promise<ForgottenMail[]> {
  const byAccount = await subsByAccount(tx, migrationId, [...new Set(mails.map(({ userId }) => userId))]);
  const known = await accountedAmong(tx, migrationId, [...byAccount.values()]);
  const unknown = mails.flatMap((mail) => {
    const sub = byAccount.get(mail.userId);
    return sub === undefined || known.has(sub) ? [] : [{ sub, mail }];
  });
  const unsent = await unsentAmong(
    tx,
    migrationId,
    unknown.map(({ sub, mail }) => ({ sub, ...mail })),
  );
  const found = unknown.filter(({ mail }) => !unsent.has(mail.resetId));
  // Of several the last one.
  return [...new Map(found.map(({ sub, mail }) => [sub, { sub, ...mail }])).values()];
}

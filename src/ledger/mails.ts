import { sql } from "kysely";
import type { MailDelivery, MailState } from "../domain/books.ts";
import { BRIDGE_TAKES_MS } from "../domain/bridge-time.ts";
import { isOneOf, listedRows, nowMsSql } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import type { ClaimedItem, Settlement } from "./queue.ts";
import { keepLink, type ResetLinkRow } from "./reset-events.ts";
import { type LostCall, noteLostLink, noteUnsentLink } from "./unsent-links.ts";

/** Each person's reset mails, whoever sends them: a call that nobody may repeat is in this book before it is made. */

/** The campaign's mail to somebody. */
export interface CampaignMail {
  sub: string;
  state: MailState;
  claimedAtMs: number;
  settledAtMs: number | null;
  /** By whom it was to be mailed; null for one that the destination's record told of. */
  delivery: MailDelivery | null;
  /** As the destination calls it; no token. */
  mailId: string | null;
  code: string | null;
}

/** By sub; whoever the campaign never came to is absent. */
export async function campaignMails(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Map<string, CampaignMail>> {
  if (subs.length === 0) return new Map();
  const rows = await db
    .selectFrom("mails")
    .select([
      "sub",
      "state",
      "claimed_at_ms as claimedAtMs",
      "settled_at_ms as settledAtMs",
      "delivery",
      "mail_id as mailId",
      "code",
    ])
    .where("migration_id", "=", migrationId)
    .where("sender", "=", "campaign")
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Map(rows.map((row) => [row.sub, row]));
}

/** Whom of these the campaign has mailed, or may have. */
export async function mailedAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Set<string>> {
  const mails = await campaignMails(db, migrationId, subs);
  return new Set([...mails.values()].filter(({ state }) => state !== "refused").map(({ sub }) => sub));
}

/** Of whom the book says that they were mailed, or may be: every mail of theirs is in it. */
export async function accountedAmong(
  db: Db,
  migrationId: number,
  subs: readonly string[],
): Promise<Set<string>> {
  if (subs.length === 0) return new Set();
  const rows = await db
    .selectFrom("mails")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("state", "<>", "refused")
    .where("mails", ">", 0)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return new Set(rows.map(({ sub }) => sub));
}

const CLAIM = { sub: "text", doubt_since_ms: "bigint" };

/**
 * Mails of these claimed items are about to go out, now: of tries that were put back nothing is out. One that was refused
 * before is tried once more. Of one in doubt that is claimed again, it stays by whom it was to be mailed.
 */
export async function claimMails(
  tx: Db,
  migrationId: number,
  items: readonly ClaimedItem[],
  delivery: MailDelivery,
): Promise<void> {
  const rows = items.map(({ key, inDoubt, firstClaimedAtMs }) => ({
    sub: key,
    doubt_since_ms: inDoubt ? firstClaimedAtMs : null,
  }));
  if (rows.length === 0) return;
  await sql`
    insert into mails (migration_id, sub, sender, state, mails, delivery, claimed_at_ms)
    select cast(${migrationId} as integer), sub, 'campaign', 'claimed', 1, cast(${delivery} as text),
      coalesce(doubt_since_ms, ${nowMsSql(tx)})
    from ${listedRows(tx, CLAIM, rows)} where true
    on conflict (migration_id, sub, sender) do update set
      state = 'claimed', delivery = excluded.delivery, claimed_at_ms = excluded.claimed_at_ms, settled_at_ms = null, code = null
      where mails.state = 'refused'`.execute(tx);
}

const UNSETTLED = "unsettled";

/**
 * How claimed mails ended. What was put back, or not sent for a reason of its own, is claimed no more; what stays in doubt
 * stays claimed, so that the next run, too, looks before it mails.
 */
export async function settleMails(
  tx: Tx,
  migrationId: number,
  settlements: readonly Settlement[],
): Promise<void> {
  const ended: { sub: string; state: MailState; mail_id: string | null; code: string | null }[] = [];
  const withdrawn: string[] = [];
  for (const settlement of settlements) {
    const { item, inDoubt, code, fact } = settlement;
    const mailState = inDoubt ? null : mailStateOf(settlement);
    if (mailState !== null)
      ended.push({ sub: item.key, state: mailState, mail_id: fact?.destinationId ?? null, code });
    else if (!inDoubt) withdrawn.push(item.key);
  }
  if (ended.length > 0)
    await sql`
      with ended as materialized (select * from ${listedRows(tx, ENDED, ended)})
      update mails set state = ended.state, mail_id = ended.mail_id, code = ended.code,
        settled_at_ms = ${nowMsSql(tx)}
      from ended
      where mails.migration_id = ${migrationId} and mails.sub = ended.sub and mails.sender = 'campaign'
        and mails.state = 'claimed'
        -- Without a list both databases read everybody's mails.
        and ${isOneOf(
          tx,
          "mails.sub",
          ended.map(({ sub }) => sub),
        )}`.execute(tx);
  if (withdrawn.length > 0)
    await tx
      .deleteFrom("mails")
      .where("migration_id", "=", migrationId)
      .where("sender", "=", "campaign")
      .where("state", "=", "claimed")
      .where(isOneOf(tx, "sub", withdrawn))
      .execute();
}

/** Their links lead to accounts that are gone: who gets another one is mailed for it. Later ones stay. */
export async function forgetMails(
  tx: Tx,
  migrationId: number,
  subs: readonly string[],
  beforeMs = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  if (subs.length === 0) return;
  await tx
    .deleteFrom("mails")
    .where("migration_id", "=", migrationId)
    .where(isOneOf(tx, "sub", subs))
    .where("claimed_at_ms", "<", beforeMs)
    .execute();
}

const ENDED = { sub: "text", state: "text", mail_id: "text", code: "text" };

/** Null where nothing went out, or nobody knows yet. Of what is put off, a link may be in the destination's record. */
function mailStateOf({ state, code, putOffMs }: Settlement): MailState | null {
  if (state === "done") return "mailed";
  if (state === "failed" || putOffMs !== undefined) return "refused";
  return state === "skipped" && code === UNSETTLED ? "unsettled" : null;
}

const REFUSED_FOR_EACH = 10;

/** How many people earlier runs of the campaign mailed, or may have, counted up to `atMost`. */
export async function mailedBefore(db: Db, migrationId: number, atMost: number): Promise<number> {
  const rows = await db
    .selectFrom("mails")
    .select("state")
    .where("migration_id", "=", migrationId)
    .where(BY_CAMPAIGN)
    // A run stops long before so many are refused for each that is not.
    .limit(REFUSED_FOR_EACH * atMost)
    .execute();
  return Math.min(atMost, rows.filter(({ state }) => state !== "refused").length);
}

/** The predicate of the index `mails_campaign`, word for word: SQLite uses the index for no other wording. */
const BY_CAMPAIGN = sql<boolean>`sender = 'campaign'`;

/** Mails of the campaign that went out, or may have, since then, counted up to `atMost`: what a daily cap allows. */
export async function mailsSince(
  db: Db,
  migrationId: number,
  sinceMs: number,
  atMost: number,
): Promise<number> {
  const sent = db
    .selectFrom("mails")
    .select("state")
    .where("migration_id", "=", migrationId)
    .where("state", "in", ["mailed", "unsettled"])
    .where("settled_at_ms", ">=", sinceMs)
    .where(BY_CAMPAIGN)
    .limit(atMost);
  const row = await db
    .selectFrom(sent.as("sent"))
    .select(sql<number>`cast(count(*) as integer)`.as("mails"))
    .executeTakeFirstOrThrow();
  return row.mails;
}

/** By then the destination's record names every link, that of a lost answer too. */
const LINK_UNKNOWN_MS = 10 * 60_000;

/** Somebody asked the sign-in bridge for a mail, and it is about to go out: the campaign mails them no more. */
export async function noteAsked(db: Db, migrationId: number, sub: string): Promise<void> {
  const oneMore = (column: string, goodForMs: number) =>
    sql<number>`case when mails.claimed_at_ms < ${nowMsSql(db)} - ${sql.lit(goodForMs)}
      then 1 else mails.${sql.ref(column)} + 1 end`;
  await db
    .insertInto("mails")
    .values({
      migration_id: migrationId,
      sub,
      sender: "bridge",
      state: "claimed",
      mails: 1,
      unknown_links: 1,
      open_mails: 1,
      claimed_at_ms: nowMsSql(db),
    })
    .onConflict((conflict) =>
      conflict.columns(["migration_id", "sub", "sender"]).doUpdateSet({
        mails: sql<number>`mails.mails + 1`,
        unknown_links: oneMore("unknown_links", LINK_UNKNOWN_MS),
        open_mails: oneMore("open_mails", BRIDGE_TAKES_MS),
        claimed_at_ms: nowMsSql(db),
      }),
    )
    .execute();
}

/** How a mail ended that was noted; others, noted at the same time, end for themselves. */
export interface AskedMail {
  isOut: boolean;
  /**
   * Of an unknown link nobody can be asked whether it was used; one whose answer was `lost` before anything was mailed is in
   * nobody's hands, and neither is one that is not out.
   */
  link: ResetLinkRow | "unknown" | "lost" | null;
}

/** One that did not go out is taken back. */
export async function settleAsked(
  tx: Tx,
  migrationId: number,
  asked: LostCall,
  { isOut, link }: AskedMail,
): Promise<void> {
  if (link === "lost") await noteLostLink(tx, migrationId, asked);
  else if (link !== null && link !== "unknown") await keepLink(tx, migrationId, link);
  if (link !== null && typeof link === "object" && !isOut)
    await noteUnsentLink(tx, migrationId, link.resetId);
  await tx
    .updateTable("mails")
    .set({
      mails: sql<number>`mails.mails - ${isOut ? 0 : 1}`,
      open_mails: sql<number>`case when mails.open_mails > 0 then mails.open_mails - 1 else 0 end`,
      unknown_links: sql<number>`case when mails.unknown_links > 0
        then mails.unknown_links - ${link === "unknown" ? 0 : 1} else 0 end`,
    })
    .where("migration_id", "=", migrationId)
    .where("sub", "=", asked.sub)
    .where("sender", "=", "bridge")
    .execute();
}

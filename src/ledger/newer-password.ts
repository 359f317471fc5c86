import { sql } from "kysely";
import type { UserDetails } from "../domain/records.ts";
import { nowMsSql } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { completedReset } from "./reset-events.ts";

/** What the ledger knows of a password that may stand at the destination and be newer than Cognito's. */
export interface NewerPassword {
  /** The owner has completed a reset. */
  isReset: boolean;
  /** When we last changed the account, by the destination's clock; null where it is as it was created. */
  changedAtMs: number | null;
  /** Links that may have been used, the newest first: none that is long past. */
  resetIds: string[];
  /** A mail went out, or may have, of whose link nobody knows the id yet. */
  isLinkUnknown: boolean;
}

export interface NewerPasswordWindows {
  /** A link that is past for this long was used before then, or never. */
  pastMs: number;
  /** A mail that was claimed earlier shows its link in the destination's record. */
  unlistedMs: number;
}

export async function newerPassword(
  db: Db,
  migrationId: number,
  { sub, accountId }: { sub: string; accountId: string },
  { pastMs, unlistedMs }: NewerPasswordWindows,
): Promise<NewerPassword> {
  const now = nowMsSql(db);
  const reset = completedReset(db, migrationId, accountId).clearSelect();
  const links = db
    .selectFrom("reset_links")
    .where("migration_id", "=", migrationId)
    .where("destination_id", "=", accountId)
    .where("expires_at_ms", ">", sql<number>`${now} - ${pastMs}`);
  const mails = db
    .selectFrom("mails")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .where("mails", ">", 0)
    .where("state", "<>", "refused")
    .where(({ eb, or }) => or([eb("sender", "=", "campaign"), eb("unknown_links", ">", 0)]))
    .where("claimed_at_ms", ">", sql<number>`${now} - ${unlistedMs}`);
  const placed = db
    .selectFrom("placed")
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where("key", "=", sub);
  const part = (what: What, value: string, untilMs = "null") =>
    [
      sql<What>`${sql.lit(what)}`.as("what"),
      sql<string | null>`${sql.ref(value)}`.as("value"),
      sql<number | null>`${sql.raw(untilMs)}`.as("until_ms"),
    ] as const;
  const rows = await reset
    .select(part("reset", "destination_id"))
    .unionAll(links.select(part("link", "reset_id", "expires_at_ms")))
    .unionAll(mails.select(part("mail", "mail_id")))
    .unionAll(placed.select(part("placed", "details")))
    .orderBy("until_ms", "desc")
    .execute();
  const values = (what: What) => rows.flatMap((row) => (row.what === what ? [row.value] : []));
  const [details = null] = values("placed");
  const known = [...values("link"), ...values("mail")];
  return {
    isReset: values("reset").length > 0,
    // Written by the senders of users only.
    changedAtMs: details === null ? null : (JSON.parse(details) as UserDetails).changedAtMs,
    resetIds: [...new Set(known.filter((id) => id !== null))],
    isLinkUnknown: known.includes(null),
  };
}

type What = "reset" | "link" | "mail" | "placed";

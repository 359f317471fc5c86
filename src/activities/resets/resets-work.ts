import { setTimeout as sleep } from "node:timers/promises";
import { hasCompletedReset, moveState } from "../../ledger/bridge.ts";
import { placedAt } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";
import type { CallKind } from "../../migration.ts";
import { hashOf } from "../../plan/hash.ts";
import type { Outcome, Work } from "../batch/work.ts";
import { type Mailing, type Recipient, stopped, UNSETTLED } from "./mailing.ts";

/** A mail, or a few pages of the destination's record of mails. */
const MAX_CALLS = 50;
/** Calls in flight: enough for any pace that a mail provider allows. */
const CONCURRENCY = 4;

/** A move that the bridge has begun is looked at this often until it has ended. */
const MOVE_LOOK_MS = 500;

type Skip = "moved_by_bridge" | "password_in_doubt" | "already_reset" | "user_not_imported";
type Payload = Recipient | { skip: Skip };

/** Reset mails: each is sent at most once. */
export function resetsWork(
  ledger: Ledger,
  mailing: Mailing,
  kinds: readonly CallKind[],
  migrationId: number,
): Work<Payload> {
  return {
    concurrency: CONCURRENCY,
    claimsSingly: true,
    kinds,
    maxCallsPerItem: MAX_CALLS,
    async prepare(items) {
      const subs = items.map(({ sub }) => sub);
      const users = await ledger.read((db) => placedAt(db, migrationId, ["users"], subs));
      const sources = await ledger.read((db) => sourceUsersBySub(db, migrationId, subs));
      return subs.map((sub) => {
        const recipient = recipientOf(users.get(sub)?.destinationId, sources.get(sub));
        if (recipient === null) return { payload: { skip: "user_not_imported" }, recordHash: "" };
        return { payload: recipient, recordHash: hashOf(recipient.email) };
      });
    },
    async send({ ordinal, payload }, attempt): Promise<Outcome> {
      if ("skip" in payload)
        // Where an earlier try may have mailed, a look at the record would change nothing.
        return attempt.inDoubt ? UNSETTLED : { kind: "skipped", reason: payload.skip };
      if (attempt.inDoubt) return mailing.settle(ordinal, payload, attempt);
      const had = await settledPassword(ledger, migrationId, payload, attempt.signal);
      if (had !== null) return { kind: "skipped", reason: had };
      // Rejects when the batch stops: from here on the mail may be out.
      await attempt.waitForSlot(kinds);
      // Looked at last: they may have signed in while this waited for its turn.
      const got = await newerPassword(ledger, migrationId, payload).catch((error: Error) => error);
      if (got instanceof Error) return stopped(got);
      if (got === "begun") return { kind: "slow_down", retryAfterMs: MOVE_LOOK_MS };
      if (got !== null) return { kind: "skipped", reason: got };
      return mailing.send(ordinal, payload);
    },
  };
}

/** As `newerPassword`, once it is known. */
async function settledPassword(
  ledger: Ledger,
  migrationId: number,
  recipient: Recipient,
  signal: AbortSignal,
): Promise<Skip | null> {
  for (;;) {
    const known = await newerPassword(ledger, migrationId, recipient);
    if (known !== "begun") return known;
    await sleep(MOVE_LOOK_MS, undefined, { signal });
  }
}

/** Why this person needs no mail any more; null where they need it, `begun` where it will be known in a moment. */
async function newerPassword(
  ledger: Ledger,
  migrationId: number,
  { sub, userId }: Recipient,
): Promise<Skip | "begun" | null> {
  switch (await ledger.read((db) => moveState(db, migrationId, sub))) {
    case "moved":
      return "moved_by_bridge";
    case "in_doubt":
      return "password_in_doubt";
    case "begun":
      return "begun";
  }
  return (await ledger.read((db) => hasCompletedReset(db, migrationId, userId))) ? "already_reset" : null;
}

function recipientOf(userId: string | undefined, source: SourceUserRow | undefined): Recipient | null {
  if (userId === undefined || source === undefined || source.email === null) return null;
  const { sub, email } = source;
  // Written by upsertSourceUsers only.
  const { locale } = JSON.parse(source.attributes) as Record<string, string>;
  return { sub, userId, email, language: locale ?? null };
}

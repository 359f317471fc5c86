import { setTimeout as sleep } from "node:timers/promises";
import { placedAt } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";
import { type WhyNoMail, whyNoMail } from "../../ledger/why-no-mail.ts";
import type { CallKind } from "../../migration.ts";
import { hashOf } from "../../plan/hash.ts";
import type { Outcome, Work } from "../batch/work.ts";
import { languageOf } from "../record.ts";
import { type Mailing, type Recipient, stopped, UNSETTLED } from "./mailing.ts";

/** A mail, or a few pages of the destination's record of mails. */
const MAX_CALLS = 50;
/** Calls in flight: enough for any pace that a mail provider allows. */
const CONCURRENCY = 4;

/** A move that the bridge has begun is looked at this often until it has ended. */
const MOVE_LOOK_MS = 100;

type Payload = Recipient | { skip: "user_not_imported" };

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
      // Rejects when the batch stops: from here on the mail may be out.
      await attempt.waitForSlot(kinds);
      // Looked at last, and briefly: a worker that dies between the claim and the mail leaves somebody unsettled.
      const why = await lastLook(ledger, migrationId, payload, attempt.signal).catch((error: Error) => error);
      if (why instanceof Error) return stopped(why);
      if (why !== null) return { kind: "skipped", reason: why };
      return mailing.send(ordinal, payload);
    },
  };
}

/** Waits while the bridge is setting this person's password. Rejects with LedgerError, or when the batch stops. */
async function lastLook(
  ledger: Ledger,
  migrationId: number,
  recipient: Recipient,
  signal: AbortSignal,
): Promise<WhyNoMail | null> {
  for (;;) {
    const why = await ledger.read((db) => whyNoMail(db, migrationId, recipient));
    if (why !== "move_under_way") return why;
    await sleep(MOVE_LOOK_MS, undefined, { signal });
  }
}

function recipientOf(userId: string | undefined, source: SourceUserRow | undefined): Recipient | null {
  if (userId === undefined || source === undefined || source.email === null) return null;
  const { sub, email } = source;
  return { sub, userId, email, language: languageOf(source.attributes) };
}

import { setTimeout as sleep } from "node:timers/promises";
import type { Destination } from "../../destinations/destination.ts";
import { oneACall } from "../../destinations/one-a-call.ts";
import type { Call, Item, Outcome } from "../../destinations/sending.ts";
import type { Work } from "../../engine/batch/work.ts";
import { type WhyNoMail, whyNoMail } from "../../ledger/campaign.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type Placed, placedAmong } from "../../ledger/placed.ts";
import { type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";
import { languageOf } from "../../plan/sendable-record.ts";
import { type Mailing, type Recipient, stopped, UNSETTLED } from "./mailing.ts";
import { addressCheck } from "./whose-address.ts";

/** A mail, or the pages of the destination's record of mails since somebody was claimed first. */
const MAX_CALLS = 10_000;
/** Enough for any pace that a mail provider allows. */
const CALLS_IN_FLIGHT = 4;
/** A link is made, the bridge may be waited for, and a mail is handed over. */
const CALL_TIMEOUT_MS = 5 * 60_000;

/** A move that the bridge has begun is looked at this often until it has ended. */
const MOVE_LOOK_MS = 100;

/** Reset mails: each is sent at most once. */
export function resetsWork(
  ledger: Ledger,
  destination: Destination,
  mailing: Mailing,
  migrationId: number,
): Work<Recipient> {
  const addressTrouble = addressCheck(destination);
  const send = async (
    { record, inDoubt, firstClaimedAtMs }: Item<Recipient>,
    call: Call,
  ): Promise<Outcome> => {
    if (inDoubt) return mailing.settle(record, firstClaimedAtMs, call);
    const trouble = await addressTrouble(record, call);
    if (trouble !== null) return trouble;
    // Rejects when the batch stops: from here on the mail may be out.
    await call.write();
    // Looked at last, and briefly: a worker that dies between the claim and the mail leaves somebody unsettled.
    const why = await lastLook(ledger, migrationId, record, call.signal).catch((error: Error) => error);
    if (why instanceof Error) return stopped(why);
    if (why !== null) return { kind: "skipped", reason: why };
    return mailing.send(record);
  };

  return {
    sender: oneACall({ callsInFlight: CALLS_IN_FLIGHT, maxCalls: MAX_CALLS, send }),
    claimsSingly: true,
    writeKinds: destination.facts.slots.mail,
    callTimeoutMs: CALL_TIMEOUT_MS,
    async prepare(items) {
      const subs = items.map(({ key }) => key);
      const users = await ledger.read((db) => placedAmong(db, migrationId, "user", subs));
      const sources = await ledger.read((db) => sourceUsersBySub(db, migrationId, subs));
      return items.map(({ key, inDoubt }) => {
        const record = recipientOf(users.get(key), sources.get(key));
        // A mail leaves nothing behind that could differ later.
        if (record !== null) return { record, fingerprint: "" };
        // Where an earlier try may have mailed, a look at the record would change nothing.
        return { outcome: inDoubt ? UNSETTLED : { kind: "skipped", reason: "user_not_imported" } };
      });
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

function recipientOf(account: Placed | undefined, source: SourceUserRow | undefined): Recipient | null {
  if (account?.state !== "standing" || account.destinationId === null) return null;
  if (source === undefined || source.email === null) return null;
  const { destinationId: userId, writtenAtMs } = account;
  const { sub, email } = source;
  return { sub, userId, writtenAtMs, email, language: languageOf(source.attributes) };
}

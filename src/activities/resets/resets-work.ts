import { movedAmong, resetAmong } from "../../ledger/bridge.ts";
import { placedAt } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { type SourceUserRow, sourceUsersBySub } from "../../ledger/source-users.ts";
import type { CallKind } from "../../migration.ts";
import { hashOf } from "../../plan/hash.ts";
import type { Outcome, Prepared, Work } from "../batch/work.ts";
import { type Mailing, type Recipient, UNSETTLED } from "./mailing.ts";

/** A mail, or a few pages of the destination's record of mails. */
const MAX_CALLS = 50;
/** Calls in flight: enough for any pace that a mail provider allows. */
const CONCURRENCY = 4;

type Skip = "moved_by_bridge" | "already_reset" | "user_not_imported";
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
      const moved = await ledger.read((db) => movedAmong(db, migrationId, subs));
      const ids = [...users.values()].map(({ destinationId }) => destinationId);
      const reset = await ledger.read((db) => resetAmong(db, migrationId, ids));
      return subs.map((sub) => {
        const userId = users.get(sub)?.destinationId;
        if (moved.has(sub)) return without("moved_by_bridge");
        if (userId !== undefined && reset.has(userId)) return without("already_reset");
        return prepared(userId, sources.get(sub));
      });
    },
    async send({ ordinal, payload }, attempt): Promise<Outcome> {
      if ("skip" in payload)
        // Where an earlier try may have mailed, a look at the record would change nothing.
        return attempt.inDoubt ? UNSETTLED : { kind: "skipped", reason: payload.skip };
      if (attempt.inDoubt) return mailing.settle(ordinal, payload, attempt);
      // Rejects when the batch stops: from here on the mail may be out.
      await attempt.waitForSlot(kinds);
      return mailing.send(ordinal, payload);
    },
  };
}

function prepared(userId: string | undefined, source: SourceUserRow | undefined): Prepared<Payload> {
  if (userId === undefined || source === undefined || source.email === null)
    return without("user_not_imported");
  const { sub, email } = source;
  // Written by upsertSourceUsers only.
  const { locale } = JSON.parse(source.attributes) as Record<string, string>;
  return { payload: { sub, userId, email, language: locale ?? null }, recordHash: hashOf(email) };
}

function without(skip: Skip): Prepared<Payload> {
  return { payload: { skip }, recordHash: "" };
}

import { NO_MAIL_SINK } from "../../delivery/mail-sink.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { campaignMails } from "../../ledger/mails.ts";
import { ConfigurationError, type Deps } from "../deps.ts";
import { destinationMailing } from "./destination-mailing.ts";
import { openDoubtPositions } from "./doubt-positions.ts";
import { type Mailing, stopped, UNSETTLED } from "./mailing.ts";
import { ownMailing } from "./own-mailing.ts";
import { unsentLinksOf } from "./unsent-links.ts";

const LIKE_LOST = {
  code: "mail_put_off",
  message:
    "The answer with this person's last link was lost: the next one is made when the two can be told apart.",
};

/**
 * A run mails as its file says. What became of an earlier try goes by how that one was to be mailed, whichever run it was of:
 * the destination's record of a mail of its own is a mail, that of a link for us is none.
 */
export async function mailingOfRun(
  { ledger, mails }: Pick<Deps, "ledger" | "mails">,
  run: RunRef,
  { passwordResets }: Migration,
  destination: Destination,
  { fence }: Pick<Pulse, "fence">,
): Promise<Mailing> {
  const { migrationId } = run;
  const unsent = unsentLinksOf(ledger, migrationId, destination.callTimeoutMs);
  const byDestination = destinationMailing(destination, await openDoubtPositions(ledger, run, fence), unsent);
  const { send } = passwordResets.delivery === "own" ? own() : byDestination;
  return {
    async send(recipient) {
      // A ledger that does not answer leaves nobody in doubt: nothing was made yet.
      const waitMs = await unsent.likeLostForMs(recipient.sub).catch(stopped);
      if (typeof waitMs !== "number") return waitMs;
      return waitMs > 0 ? { kind: "put_off", retryAfterMs: waitMs, ...LIKE_LOST } : send(recipient);
    },
    async settle(recipient, firstClaimedAtMs, call) {
      const { sub } = recipient;
      const claimed = (await ledger.read((db) => campaignMails(db, migrationId, [sub]))).get(sub);
      // The record told of it before anybody asked.
      if (claimed?.state === "mailed") return { kind: "created", destinationId: claimed.mailId ?? "" };
      // Nobody but the receiver could tell whether a hand-over mailed.
      if (claimed?.delivery !== "destination") return UNSETTLED;
      return byDestination.settle(recipient, firstClaimedAtMs, call);
    },
  };

  function own() {
    if (mails === null) throw new ConfigurationError(NO_MAIL_SINK);
    return ownMailing(destination, mails, unsent);
  }
}

import type { Delivery, MailSink } from "../../delivery/mail-sink.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { ResetOutcome } from "../../destinations/resets.ts";
import type { Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import { ParkedError } from "../../engine/parked.ts";
import { afterLostMs } from "../../ledger/unsent-links.ts";
import { type Mailing, MailsHeldError, type Recipient, refusalOf, stopped, unsettledBy } from "./mailing.ts";
import type { UnsentLinks } from "./unsent-links.ts";
import { ADDRESS_CHANGED } from "./whose-address.ts";

/** So many mails put off in a row are no matter of single people any more: nobody is mailed for a while. */
const MAX_IN_A_ROW = 4;
const MINUTE_MS = 60_000;
/** Refusals that meet everybody. */
const FOR_EVERYBODY = ["mail_template", "smtp_login", "smtp_tls", "http_tls", "http_401", "http_403"];

const PUT_OFF = {
  code: "mail_put_off",
  message: "The mail server or webhook does not answer, or puts this mail off again and again.",
};
const ALL_PUT_OFF =
  "One mail after the other is put off, or has no link: the run tries again by itself. Look at the mail server or webhook, and at the destination's status page.";

type Made = Extract<ResetOutcome, { kind: "sent" }>;

/**
 * This worker mails a link that the destination made. A link lives for one try: of one that is kept for a later try, a
 * ledger restored from before that could not tell that it was handed over. Nobody but the receiver could tell whether a
 * hand-over without an answer mailed, so that is for a person to settle.
 */
export function ownMailing(
  { resets, callTimeoutMs, facts }: Pick<Destination, "resets" | "callTimeoutMs" | "facts">,
  sink: MailSink,
  unsent: Pick<UnsentLinks, "note" | "noteLost">,
): Pick<Mailing, "send"> {
  /** Whose mail was too fast for the receiver once: then the pace was wrong; a second time the mail is. */
  const tooFast = new Set<string>();
  let inARow = 0;
  let lastWaitMs = 0;

  // The next try makes another link, and the destination makes few for one address: one is spent on a first, fast try.
  const newLinkMs = MINUTE_MS / Math.max(1, facts.resets.perAddressAMinute - 1);

  const putOff = (waitMs: number, { code, message }: { code: string; message: string }): Outcome => {
    inARow += 1;
    lastWaitMs = waitMs;
    return { kind: "put_off", retryAfterMs: Math.max(waitMs, newLinkMs), code, message };
  };

  const outcomeOf = (sub: string, delivery: Delivery, resetId: string): Outcome => {
    switch (delivery.kind) {
      case "delivered":
        return { kind: "created", destinationId: resetId };
      case "unknown":
        return unsettledBy(delivery.code);
      case "slow_down":
        if (tooFast.has(sub)) return putOff(delivery.retryAfterMs, PUT_OFF);
        tooFast.add(sub);
        return delivery;
      case "put_off":
        return putOff(delivery.retryAfterMs, PUT_OFF);
      case "rejected":
        return FOR_EVERYBODY.includes(delivery.code)
          ? stopped(new ParkedError(blocked("mail_refused", { detail: delivery.code })))
          : delivery;
    }
  };

  const lost = async (sub: string, tookMs: number, outcome: Outcome): Promise<Outcome> => {
    await unsent.noteLost(sub, tookMs);
    return outcome;
  };

  const handOver = async (recipient: Recipient, { link, resetId }: Made): Promise<Outcome> => {
    const { sub, email: to, language } = recipient;
    const delivery = await sink.deliver({ to, link: link.url, expiresAt: link.expiresAt, sub, language });
    if (delivery.kind === "delivered" || delivery.kind === "rejected") inARow = 0;
    // Counted at once: others look whether anything is taken before the next link is made.
    const outcome = outcomeOf(sub, delivery, resetId);
    if (delivery.kind !== "delivered" && delivery.kind !== "unknown") await unsent.note(resetId);
    return outcome;
  };

  return {
    async send(recipient) {
      if (inARow >= MAX_IN_A_ROW) return stopped(new MailsHeldError(ALL_PUT_OFF, lastWaitMs));
      const { sub, userId, email } = recipient;
      const beganAtMs = performance.now();
      const made = await resets.send(email);
      switch (made.kind) {
        case "sent":
          if (made.userId === userId) return handOver(recipient, made);
          await unsent.note(made.resetId);
          return ADDRESS_CHANGED;
        case "unknown":
          // The link was lost, so nothing was mailed, whether or not one was made.
          return lost(sub, performance.now() - beganAtMs, putOff(afterLostMs(callTimeoutMs), made));
        default:
          return refusalOf(made);
      }
    },
  };
}

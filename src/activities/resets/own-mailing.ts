import type { Delivery, MailSink } from "../../delivery/mail-sink.ts";
import type { ResetSender } from "../../destinations/resets.ts";
import type { Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import { ParkedError } from "../../engine/parked.ts";
import { type HeldLink, heldLinksOf } from "./held-links.ts";
import {
  type Mailing,
  MailsHeldError,
  type Recipient,
  refusalOf,
  stopped,
  UNSETTLED,
  unsettledBy,
} from "./mailing.ts";
import { ADDRESS_CHANGED } from "./whose-address.ts";

/** So many mails put off in a row are no matter of single people any more: nobody is mailed for a while. */
const MAX_IN_A_ROW = 4;
/** Until a link whose answer was lost is asked for again. */
const UNCLEAR_WAIT_MS = 2_000;
/** Refusals that meet everybody. */
const FOR_EVERYBODY = ["mail_template", "smtp_login", "smtp_tls", "http_tls", "http_401", "http_403"];

const PUT_OFF = {
  code: "mail_put_off",
  message: "The mail server or webhook does not answer, or puts this mail off again and again.",
};
const ALL_PUT_OFF =
  "One mail after the other is put off, or has no link: the run tries again by itself. Look at the mail server or webhook, and at the destination's status page.";

/**
 * This worker mails a link that the destination made. Links are held in memory until they are handed over. Nobody but
 * the receiver could tell whether a hand-over without an answer mailed, so that is for a person to settle.
 */
export function ownMailing(resets: ResetSender, sink: MailSink): Mailing {
  const held = heldLinksOf(sink);
  /** Whose mail was too fast for the receiver once: then the pace was wrong; a second time the mail is. */
  const tooFast = new Set<string>();
  let inARow = 0;
  let lastWaitMs = 0;

  const putOff = (retryAfterMs: number, { code, message }: { code: string; message: string }): Outcome => {
    inARow += 1;
    lastWaitMs = retryAfterMs;
    return { kind: "put_off", retryAfterMs, code, message };
  };

  const linkFor = async ({ sub, userId, email }: Recipient): Promise<HeldLink | Outcome> => {
    const known = held.get(sub);
    if (known !== null) return known;
    const made = await resets.send(email);
    // The link was lost, so nothing was mailed, whether or not one was made.
    if (made.kind === "unknown") return putOff(UNCLEAR_WAIT_MS, made);
    if (made.kind !== "sent") return refusalOf(made);
    if (made.userId !== userId) return ADDRESS_CHANGED;
    const link = { ...made.link, resetId: made.resetId };
    held.keep(sub, link);
    return link;
  };

  const outcomeOf = ({ sub }: Recipient, delivery: Delivery, { resetId }: HeldLink): Outcome => {
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

  return {
    async send(recipient) {
      if (inARow >= MAX_IN_A_ROW) return stopped(new MailsHeldError(ALL_PUT_OFF, lastWaitMs));
      const link = await linkFor(recipient);
      if ("kind" in link) return link;
      const { sub, email: to, language } = recipient;
      const delivery = await sink.deliver({ to, link: link.url, expiresAt: link.expiresAt, sub, language });
      const isLater = delivery.kind === "slow_down" || delivery.kind === "put_off";
      if (!isLater) held.drop(sub);
      if (!isLater && delivery.kind !== "unknown") inARow = 0;
      return outcomeOf(recipient, delivery, link);
    },
    async settle() {
      return UNSETTLED;
    },
  };
}

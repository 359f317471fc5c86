import type { Delivery, MailSink } from "../../delivery/mail-sink.ts";
import type { ResetLink, ResetSender } from "../../destinations/resets.ts";
import type { Outcome } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import { ParkedError } from "../../engine/parked.ts";
import { type Mailing, type Recipient, refusalOf, stopped, UNSETTLED } from "./mailing.ts";
import { ADDRESS_CHANGED } from "./whose-address.ts";

/** One person is tried this often in a row: nobody may hold the others up for ever. */
const MAX_TRIES = 8;
/** Until a link whose answer was lost is asked for again. */
const UNCLEAR_WAIT_MS = 2_000;
/** A link with less time left is not sent. */
const MIN_LIFE_MS = 10 * 60_000;
/** Refusals that meet everybody. */
const FOR_EVERYBODY = ["mail_template", "smtp_login", "smtp_tls", "http_tls", "http_401", "http_403"];

interface Held extends ResetLink {
  resetId: string;
}

/**
 * This worker mails a link that the destination made. Links are held in memory until they are handed over. Nobody but
 * the receiver could tell whether a hand-over without an answer mailed, so that is for a person to settle.
 */
export function ownMailing(resets: ResetSender, sink: MailSink): Mailing {
  const held = new Map<string, Held>();
  const tries = new Map<string, number>();

  const tryLater = (sub: string, retryAfterMs: number, last: { code: string; message: string }): Outcome => {
    const count = (tries.get(sub) ?? 0) + 1;
    tries.set(sub, count);
    return count < MAX_TRIES ? { kind: "slow_down", retryAfterMs } : { kind: "rejected", ...last };
  };

  const linkFor = async ({ sub, userId, email }: Recipient): Promise<Held | Outcome> => {
    const known = held.get(sub);
    if (known !== undefined && known.expiresAt.getTime() - Date.now() > MIN_LIFE_MS) return known;
    const made = await resets.send(email);
    // The link was lost, so nothing was mailed, whether or not one was made.
    if (made.kind === "unknown") return tryLater(sub, UNCLEAR_WAIT_MS, made);
    if (made.kind !== "sent") return refusalOf(made);
    if (made.userId !== userId) return ADDRESS_CHANGED;
    const link = { ...made.link, resetId: made.resetId };
    held.set(sub, link);
    return link;
  };

  return {
    async send(recipient) {
      const link = await linkFor(recipient);
      if ("kind" in link) return link;
      const delivery = await deliver(sink, recipient, link);
      if (delivery.kind !== "slow_down") held.delete(recipient.sub);
      switch (delivery.kind) {
        case "delivered":
          return { kind: "created", destinationId: link.resetId };
        case "unknown":
          return UNSETTLED;
        case "slow_down":
          return tryLater(recipient.sub, delivery.retryAfterMs, PUT_OFF);
        case "rejected":
          return FOR_EVERYBODY.includes(delivery.code)
            ? stopped(new ParkedError(blocked("mail_refused", { detail: delivery.code })))
            : delivery;
      }
    },
    async settle() {
      return UNSETTLED;
    },
  };
}

const PUT_OFF = {
  code: "mail_put_off",
  message: "The mail server or webhook does not answer, or puts this mail off again and again.",
};

function deliver(sink: MailSink, { sub, email, language }: Recipient, link: Held): Promise<Delivery> {
  return sink.deliver({ to: email, link: link.url, expiresAt: link.expiresAt, sub, language });
}

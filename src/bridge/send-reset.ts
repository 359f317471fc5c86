import type { Migration } from "../domain/migration.ts";
import type { AskedMail } from "../ledger/mails.ts";
import type { BridgeDeps } from "./deps.ts";

/** Nobody else is mailed today. */
export const MAILS_SPENT = "mails_spent";

/** Who asked for a mail. */
export interface Recipient {
  email: string;
  /** Empty for somebody who is not known to be of Cognito. */
  sub: string;
  /** As Cognito has it; null where it has none. */
  language: string | null;
}

const NOT_OUT: AskedMail = { isOut: false, link: null };

/**
 * Sends one reset mail, by the destination or, where the file says so, by ourselves. What comes of it is told to
 * operators alone: to others it would say that there is an account.
 */
export async function sendReset(
  deps: BridgeDeps,
  { passwordResets }: Migration,
  { email, sub, language }: Recipient,
): Promise<AskedMail> {
  const { destination, mail, mayMail, count, onTrouble, late } = deps;
  if (late.aborted) {
    onTrouble("too_slow");
    return NOT_OUT;
  }
  if (!(await mayMail())) {
    onTrouble(MAILS_SPENT);
    return NOT_OUT;
  }
  count(destination.facts.slots.write);
  const made = await destination.resets.send(email);
  if (made.kind !== "sent") onTrouble(`reset_${made.kind}`);
  // A link whose answer was lost is in no mail but the destination's own.
  if (made.kind === "unknown")
    return passwordResets.delivery === "destination"
      ? { isOut: true, link: "unknown" }
      : { isOut: false, link: "lost" };
  if (made.kind !== "sent") return NOT_OUT;
  const { url, expiresAt } = made.link;
  const link = { resetId: made.resetId, accountId: made.userId, expiresAtMs: expiresAt.getTime() };
  if (passwordResets.delivery === "destination" || mail === null) return { isOut: true, link };
  const handedOver = await mail.deliver({ to: email, link: url, expiresAt, sub, language });
  if (handedOver.kind !== "delivered") onTrouble(`mail_${handedOver.kind}`);
  return { isOut: handedOver.kind === "delivered" || handedOver.kind === "unknown", link };
}

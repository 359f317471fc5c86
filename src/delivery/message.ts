import MailComposer from "nodemailer/lib/mail-composer";
import { isMailAddress, type MailAddress } from "./mail-address.ts";
import type { ResetMail } from "./mail-sink.ts";
import { resetKeyOf } from "./reset-key.ts";
import { fill, type Template } from "./template.ts";

/** A mail as it goes over the wire. */
export interface Message {
  envelope: { from: string; to: string[] };
  bytes: Buffer;
}

/**
 * One reset's mail (RFC 5322). Its Message-ID is the same however often it is built, so that a mailbox can tell a double.
 * Null where an address, or a value that goes into the text, is not of one plain line: nothing is escaped or cut.
 */
export async function composeMessage(
  mail: ResetMail,
  template: Template,
  from: MailAddress,
): Promise<Message | null> {
  const link = mail.link.reveal();
  if (!isMailAddress(mail.to) || !isOneLine(link) || !isOneLine(mail.sub)) return null;
  const { subject, text, html } = fill(template, { link, expires: readable(mail.expiresAt), sub: mail.sub });
  const node = new MailComposer({
    from,
    // As an object, so that nothing in it is read as a second address.
    to: { name: "", address: mail.to },
    subject,
    text,
    ...(html === null ? {} : { html }),
    messageId: `<${resetKeyOf(mail)}@${from.address.slice(from.address.indexOf("@") + 1)}>`,
    // Nobody's holiday note answers it (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  }).compile();
  const envelope = node.getEnvelope();
  return {
    envelope: { from: envelope.from || from.address, to: envelope.to },
    bytes: await node.build(),
  };
}

function isOneLine(text: string): boolean {
  return !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}

/** For example `2026-11-22 14:05 UTC`. */
function readable(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

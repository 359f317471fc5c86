import { isPrivate } from "../domain/loopback.ts";
import type { Secret } from "../domain/secret.ts";
import type { StoreAnswer } from "../secrets/secret-store.ts";
import type { MailSetting } from "./settings.ts";

/** A reset mail that we send ourselves, where the destination only makes the token. */
export interface ResetMail {
  to: string;
  /** The URL with its token: whoever has it sets the password. */
  link: Secret;
  expiresAt: Date;
  /** Cognito's, for the receiver's own records. */
  sub: string;
  /** Of the person, as the source has it; null where it has none. */
  language: string | null;
}

/** How one try ended. Messages are a server's own and may hold addresses: ledger only. They never quote the link. */
export type Delivery =
  | { kind: "delivered" }
  /** Not sent, for certain: the receiver, or the mail itself, is wrong. `code` is a stable word. */
  | { kind: "rejected"; code: string; message: string }
  /** May have been sent. */
  | { kind: "unknown"; code: string; message: string }
  /** Not sent, for certain: too many at once for the receiver. */
  | { kind: "slow_down"; retryAfterMs: number }
  /** Not sent, for certain: this mail is to come later, or the receiver cannot be reached. */
  | { kind: "put_off"; retryAfterMs: number };

/** Where own reset mails go. Delivers at most once: nothing is tried again by itself. */
export interface MailSink {
  /** As operators are told of it, for example `the mail server smtp.example.com:587`. */
  readonly place: string;
  /** Proves that the texts of mails are well, and asks nobody. */
  checkTexts(): Promise<StoreAnswer<null>>;
  /** Proves that mails can be handed over, without sending one. The sentence holds no secret. */
  check(): Promise<StoreAnswer<null>>;
  /** Another word where people get another text, from another sender or by another way. Holds no secret. */
  digest(): Promise<string>;
  /** Never rejects for what a server or the network does. */
  deliver(mail: ResetMail): Promise<Delivery>;
  /** Ends what is in flight: its deliveries resolve with what is known of them. */
  close(): void;
}

export const NO_MAIL_SINK =
  'The migration file says "delivery": "own", and SPILLWAY_MAIL is not set; set it for every worker and start them again.';

/** The sink that SPILLWAY_MAIL names. Nothing is opened or asked before its first call. */
export async function createMailSink(setting: MailSetting): Promise<MailSink> {
  if (setting.kind === "smtp") {
    const { createSmtpSink } = await import("./smtp-sink.ts");
    return privateLinksOnly(createSmtpSink(setting));
  }
  const { createWebhookSink } = await import("./webhook-sink.ts");
  return privateLinksOnly(createWebhookSink(setting));
}

/** Whoever reads a link on its way, or the new password behind it, has the account. */
function privateLinksOnly(sink: MailSink): MailSink {
  return {
    ...sink,
    async deliver(mail) {
      const url = URL.parse(mail.link.reveal());
      if (url !== null && isPrivate(url)) return sink.deliver(mail);
      return { kind: "rejected", code: "mail_unsafe", message: "The link is not https://." };
    },
  };
}

import { hash } from "node:crypto";
import type { MailSink } from "./mail-sink.ts";
import { resetKeyOf } from "./reset-key.ts";
import type { WebhookSetting } from "./settings.ts";
import { checkSentence, deliveryOf } from "./webhook-answers.ts";
import { callWebhook } from "./webhook-call.ts";

/** For a whole call. */
const CALL_TIMEOUT_MS = 30_000;

/**
 * Mails handed over to a program of the operator's own: POST with JSON {to, link, expires_at (ISO 8601, UTC), sub,
 * language}, signed as `signature` says. A check posts {"check": true} in the same way and expects 2xx as well.
 */
export function createWebhookSink(setting: WebhookSetting, timeoutMs = CALL_TIMEOUT_MS): MailSink {
  const closing = new AbortController();
  const call = (key: string, content: unknown) =>
    callWebhook({ setting, timeoutMs, signal: closing.signal, key, body: JSON.stringify(content) });

  return {
    place: `the webhook at ${setting.origin}`,

    // Its receiver's own.
    checkTexts: async () => ({ ok: true, value: null }),

    async check() {
      const answer = await call("check", { check: true });
      const sentence = checkSentence(answer, setting.origin);
      return sentence === null ? { ok: true, value: null } : { ok: false, sentence };
    },

    // The texts are its receiver's own.
    digest: async () => hash("sha256", JSON.stringify(["webhook", setting.url.reveal()]), "base64url"),

    async deliver(mail) {
      const { to, link, expiresAt, sub, language } = mail;
      const content = { to, link: link.reveal(), expires_at: expiresAt.toISOString(), sub, language };
      return deliveryOf(await call(resetKeyOf(mail), content), mail, setting);
    },

    close() {
      closing.abort();
    },
  };
}

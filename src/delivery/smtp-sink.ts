import { hash } from "node:crypto";
import type { MailSink } from "./mail-sink.ts";
import { composeMessage } from "./message.ts";
import type { SmtpSetting } from "./settings.ts";
import { deliveryOf, sentenceOf } from "./smtp-answers.ts";
import { createSmtpSession, type SmtpSession } from "./smtp-session.ts";
import { loadTemplates, type Templates, templateFor } from "./templates.ts";

/** For a whole session. A server that scans mails before it says yes takes seconds. */
const SESSION_TIMEOUT_MS = 60_000;

/** Mails over SMTP, a connection each. TLS, and a certificate that fits, are a must but on this machine. */
export function createSmtpSink(setting: SmtpSetting, timeoutMs = SESSION_TIMEOUT_MS): MailSink {
  const server = `mail server ${setting.host}:${setting.port}`;
  const sessions = new Set<SmtpSession>();
  let templates: Templates | null = null;

  const load = async () => {
    const loaded = await loadTemplates(setting.templatePath);
    if (loaded.ok) templates = loaded.value;
    return loaded;
  };
  // Kept from then on: a file that is being edited must not change mails half-way through.
  const textsNow = async () => (templates === null ? load() : { ok: true as const, value: templates });
  const inSession = async <T>(work: (session: SmtpSession) => Promise<T>): Promise<T> => {
    const session = createSmtpSession(setting, timeoutMs);
    sessions.add(session);
    try {
      return await work(session);
    } finally {
      sessions.delete(session);
    }
  };

  return {
    place: `the ${server}`,

    async checkTexts() {
      const loaded = await load();
      return loaded.ok ? { ok: true, value: null } : loaded;
    },

    async check() {
      const loaded = await load();
      if (!loaded.ok) return loaded;
      const answer = await inSession((session) => session.run(null));
      return answer.ok ? { ok: true, value: null } : { ok: false, sentence: sentenceOf(answer, server) };
    },

    async digest() {
      const { host, port, from } = setting;
      const texts = await textsNow();
      const said = texts.ok ? [texts.value.everybody, [...texts.value.byLanguage]] : texts.sentence;
      return hash("sha256", JSON.stringify(["smtp", host, port, from, said]), "base64url");
    },

    async deliver(mail) {
      const texts = await textsNow();
      if (!texts.ok) return { kind: "rejected", code: "mail_template", message: texts.sentence };
      const message = await composeMessage(mail, templateFor(texts.value, mail.language), setting.from);
      if (message === null)
        return {
          kind: "rejected",
          code: "mail_unsafe",
          message: "The address or the link is not plain text.",
        };
      const answer = await inSession((session) => session.run(message));
      return answer.ok ? { kind: "delivered" } : deliveryOf(answer, mail, setting);
    },

    close() {
      for (const session of sessions) session.close();
    },
  };
}

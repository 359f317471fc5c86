import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { onTestFinished } from "vitest";
import type { MailSink, ResetMail } from "../../src/delivery/mail-sink.ts";
import type { SmtpSetting } from "../../src/delivery/settings.ts";
import { createSmtpSink } from "../../src/delivery/smtp-sink.ts";
import { Secret } from "../../src/domain/secret.ts";
import { type SmtpDouble, type SmtpWish, startSmtpDouble } from "../doubles/smtp/double.ts";

export const TOKEN = "Z1uX3RbwcIl5fIGJJJCXXisdI";
export const LINK = `https://id.example.com/reset-password?token=${TOKEN}&lang=en`;
export const DELIVERED = { kind: "delivered" };

export function mailTo(to: string, differing: Partial<ResetMail> = {}): ResetMail {
  return {
    to,
    link: new Secret(LINK),
    expiresAt: new Date("2026-11-22T14:05:30Z"),
    sub: "0a1b2c3d-0000-4000-8000-000000000001",
    language: null,
    ...differing,
  };
}

export interface SmtpRig {
  double: SmtpDouble;
  sink: MailSink;
}

export type SmtpRigWish = SmtpWish & { setting?: Partial<SmtpSetting>; timeoutMs?: number };

/** A mail server and a sink that reaches it; both end with the test. */
export async function startSmtpRig({ setting = {}, timeoutMs, ...wish }: SmtpRigWish = {}): Promise<SmtpRig> {
  const double = await startSmtpDouble(wish);
  const login =
    wish.login === undefined ? null : { user: wish.login.user, password: new Secret(wish.login.password) };
  const sink = createSmtpSink(
    {
      kind: "smtp",
      host: "localhost",
      port: double.port,
      implicitTls: wish.tls === "implicit",
      requireTls: wish.tls === "starttls",
      login,
      from: { name: "Example", address: "accounts@example.com" },
      templatePath: null,
      ...setting,
    },
    timeoutMs,
  );
  onTestFinished(async () => {
    sink.close();
    await double.close();
  });
  return { double, sink };
}

/** As an operator does with NODE_EXTRA_CA_CERTS; ends with the test. */
export function trust(certificate: string): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, certificate]);
  onTestFinished(() => setDefaultCACertificates(before));
}

/** A header of the message, unfolded. */
export function header(raw: string, name: string): string | undefined {
  const head = raw.split("\r\n\r\n", 1)[0]?.replace(/\r\n[ \t]+/g, " ") ?? "";
  return new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim();
}

/** The message with its quoted-printable parts (RFC 2045, 6.7) made readable. */
export function readable(raw: string): string {
  return raw
    .replace(/=\r\n/g, "")
    .replace(/(=[0-9A-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll("=", ""), "hex").toString("utf8"))
    .replaceAll("\r\n", "\n");
}

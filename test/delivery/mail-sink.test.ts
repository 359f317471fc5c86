import { expect, onTestFinished, test } from "vitest";
import { createMailSink } from "../../src/delivery/mail-sink.ts";
import { Secret } from "../../src/domain/secret.ts";
import { startSmtpDouble } from "../doubles/smtp/double.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { DELIVERED, LINK, mailTo, TOKEN } from "./rig.ts";

const SECRET = "5d2f0c1e8b7a4f3d9c6b5a4e3d2c1b0a";

async function bothSinks() {
  const webhook = await startWebhookDouble(SECRET);
  const smtp = await startSmtpDouble({});
  const from = { name: "", address: "accounts@example.com" };
  const server = { host: "localhost", port: smtp.port, implicitTls: false, requireTls: false, login: null };
  const place = { url: new Secret(webhook.url), origin: new URL(webhook.url).origin };
  const sinks = await Promise.all([
    createMailSink({ kind: "webhook", ...place, secret: new Secret(SECRET) }),
    createMailSink({ kind: "smtp", ...server, from, templatePath: null }),
  ]);
  onTestFinished(async () => {
    for (const sink of sinks) sink.close();
    await Promise.all([webhook.close(), smtp.close()]);
  });
  return { sinks, mailed: () => [...webhook.mails, ...smtp.mails] };
}

test.each([
  ["http://id.example.com", LINK.replace("https://", "http://")],
  ["localhost of somebody else", LINK.replace("https://id.example.com", "http://localhost.example.com")],
  ["a script", `javascript:alert("${TOKEN}")`],
  ["data", `data:text/html,${TOKEN}`],
  ["no address", `/reset-password?token=${TOKEN}`],
  ["nothing", ""],
])("a reset link to %s is mailed by nobody, and quoted nowhere", async (_, link) => {
  const { sinks, mailed } = await bothSinks();
  for (const sink of sinks) {
    const delivery = await sink.deliver(mailTo("ada@example.com", { link: new Secret(link) }));
    expect(delivery).toEqual({ kind: "rejected", code: "mail_unsafe", message: "The link is not https://." });
  }
  expect(mailed()).toEqual([]);
});

test("a reset link to https:// or to this machine is mailed", async () => {
  const { sinks, mailed } = await bothSinks();
  for (const link of [LINK, LINK.replace("https://id.example.com", "http://127.0.0.1:4100")])
    for (const sink of sinks)
      expect(await sink.deliver(mailTo("ada@example.com", { link: new Secret(link) }))).toEqual(DELIVERED);
  expect(mailed()).toHaveLength(4);
});

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createMailSink } from "../../src/delivery/mail-sink.ts";
import type { SmtpSetting } from "../../src/delivery/settings.ts";
import { Secret } from "../../src/domain/secret.ts";
import { startSmtpDouble } from "../doubles/smtp/double.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
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

test("another server, sender or text has another digest, and another login has the same", async () => {
  const path = join(freshFolder(), "reset.txt");
  const german = path.replace(".txt", ".de.txt");
  const write = (file: string, text: string) => writeFileSync(file, `Subject: Hello\n\n${text} {{link}}\n`);
  write(path, "Here:");
  const setting: SmtpSetting = {
    ...{ kind: "smtp", host: "mail.example.com", port: 587, implicitTls: false, requireTls: true },
    ...{ login: null, from: { name: "Example", address: "accounts@example.com" }, templatePath: path },
  };
  const digestOf = async (differing: Partial<SmtpSetting> = {}) =>
    (await createMailSink({ ...setting, ...differing })).digest();
  const first = await digestOf();
  expect(await digestOf({ login: { user: "spillway", password: new Secret("new") } })).toBe(first);
  const digests = [
    first,
    await digestOf({ host: "mail.example.org" }),
    await digestOf({ port: 2525 }),
    await digestOf({ from: { name: "Example", address: "others@example.com" } }),
    await digestOf({ templatePath: null }),
  ];
  write(german, "Hier:");
  digests.push(await digestOf());
  write(german, "Bitte hier:");
  digests.push(await digestOf());
  write(path, "Please follow:");
  digests.push(await digestOf());
  for (const url of ["https://mail.example.com/one", "https://mail.example.com/two"]) {
    const place = { url: new Secret(url), origin: "https://mail.example.com" };
    const webhook = { kind: "webhook", ...place, secret: new Secret(SECRET) } as const;
    digests.push(await (await createMailSink(webhook)).digest());
  }
  expect(new Set(digests).size).toBe(digests.length);
});

test("a reset link to https:// or to this machine is mailed", async () => {
  const { sinks, mailed } = await bothSinks();
  for (const link of [LINK, LINK.replace("https://id.example.com", "http://127.0.0.1:4100")])
    for (const sink of sinks)
      expect(await sink.deliver(mailTo("ada@example.com", { link: new Secret(link) }))).toEqual(DELIVERED);
  expect(mailed()).toHaveLength(4);
});

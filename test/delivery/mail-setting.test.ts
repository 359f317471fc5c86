import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createMailSink } from "../../src/delivery/mail-sink.ts";
import type { MailSetting } from "../../src/delivery/settings.ts";
import { readSettings } from "../../src/settings.ts";

const FROM = "accounts@example.com";
const SECRET = "5d2f0c1e8b7a4f3d9c6b5a4e3d2c1b0a";

type Environment = Readonly<Record<string, string>>;

function sentence(environment: Environment): string | null {
  const read = readSettings(environment);
  return read.ok ? null : read.sentence;
}

/** Throws for settings that are wrong. */
function settingOf(environment: Environment): MailSetting | null {
  const read = readSettings(environment);
  if (!read.ok) throw new Error(read.sentence);
  return read.value.mail;
}

function smtpOf(place: string, more: Environment = {}) {
  const setting = settingOf({ SPILLWAY_MAIL: place, SPILLWAY_MAIL_FROM: FROM, ...more });
  if (setting?.kind !== "smtp") throw new Error("No mail server.");
  const { login, ...others } = setting;
  return { ...others, login: login === null ? null : [login.user, login.password.reveal()] };
}

test("no mails are set up without a place", () => {
  expect(settingOf({ SPILLWAY_MAIL_FROM: FROM, SPILLWAY_MAIL_SECRET: SECRET })).toBeNull();
});

test("a mail server is read with its login, its sender and its template", () => {
  const more = {
    SPILLWAY_MAIL_FROM: "Example Inc. <accounts@example.com>",
    SPILLWAY_MAIL_TEMPLATE: "mail.txt",
  };
  expect(smtpOf("smtp://AKIA:p%40ss%2Fword%3A@email-smtp.eu-west-1.amazonaws.com:2587", more)).toEqual({
    kind: "smtp",
    host: "email-smtp.eu-west-1.amazonaws.com",
    port: 2_587,
    implicitTls: false,
    requireTls: true,
    login: ["AKIA", "p@ss/word:"],
    from: { name: "Example Inc.", address: "accounts@example.com" },
    templatePath: "mail.txt",
  });
});

test.each([
  ["smtp://mail.example.com", { port: 587, implicitTls: false, requireTls: true, login: null }],
  ["smtps://mail.example.com/", { port: 465, implicitTls: true, requireTls: true }],
  ["smtp://127.0.0.1:1025", { host: "127.0.0.1", port: 1_025, requireTls: false }],
  ["smtp://[::1]:1025", { host: "::1", requireTls: false }],
  ["smtp://localhost:1025", { host: "localhost", requireTls: false }],
  ["smtp://127.0.0.1.example.com", { requireTls: true }],
  ["smtp://localhost.example.com", { requireTls: true }],
])("TLS is a must for %s unless it is this machine", (place, expected) => {
  expect(smtpOf(place)).toMatchObject(expected);
});

test.each([
  ["https://hooks.example.com/mails?key=1", "https://hooks.example.com"],
  ["http://127.0.0.1:8080/mails", "http://127.0.0.1:8080"],
  ["http://[::1]:8080/mails", "http://[::1]:8080"],
])("a webhook at %s is read with its secret", (url, origin) => {
  const setting = settingOf({ SPILLWAY_MAIL: `webhook:${url}`, SPILLWAY_MAIL_SECRET: SECRET });
  if (setting?.kind !== "webhook") throw new Error("No webhook.");
  expect([setting.url.reveal(), setting.origin, setting.secret.reveal()]).toEqual([url, origin, SECRET]);
});

const PLACES =
  "must be smtp://user:password@host:587, smtps://user:password@host:465 or webhook:https://host/path";
const LOGIN =
  "must name both a user and a password, or neither; special characters are written as %40 and so on";
const END =
  "must end after the port; a password's /, ?, #, @ and % are written as %2F, %3F, %23, %40 and %25";
const PLAIN = "must be https://, as its mails hold secrets; http:// is for this machine only";

test.each([
  ["mail.example.com:587", PLACES],
  ["imap://mail.example.com", PLACES],
  ["smtp://", PLACES],
  ["smtp://host:99999", PLACES],
  ["https://hooks.example.com", PLACES],
  ["webhook:", PLACES],
  ["webhook:ftp://hooks.example.com", PLACES],
  ["webhook:http://hooks.example.com/mails", PLAIN],
  ["webhook:http://127.0.0.1.example.com/mails", PLAIN],
  [
    "webhook:https://a:b@hooks.example.com",
    "must name no user and no #; calls are signed with SPILLWAY_MAIL_SECRET",
  ],
  ["smtp://user@mail.example.com", LOGIN],
  ["smtp://:password@mail.example.com", LOGIN],
  ["smtp://user:100%@mail.example.com", LOGIN],
  ["smtp://mail.example.com/inbox", END],
  ["smtp://mail.example.com?pool=true", END],
])("the place %s is one sentence", (place, said) => {
  expect(sentence({ SPILLWAY_MAIL: place, SPILLWAY_MAIL_FROM: FROM, SPILLWAY_MAIL_SECRET: SECRET })).toBe(
    `The setting SPILLWAY_MAIL ${said}.`,
  );
});

test.each([
  "Example",
  "accounts@",
  "Example <accounts@example.com> more",
  "Example\r\nBcc: eve@example.com <accounts@example.com>",
  "accounts@example.com, eve@example.com",
  "a@example.com <b@example.com",
])("the sender %j is one sentence", (from) => {
  expect(sentence({ SPILLWAY_MAIL_FROM: from })).toBe(
    "The setting SPILLWAY_MAIL_FROM must be an address such as accounts@example.com, or Example <accounts@example.com>.",
  );
});

test("a short secret is one sentence", () => {
  expect(sentence({ SPILLWAY_MAIL_SECRET: "short" })).toBe(
    "The setting SPILLWAY_MAIL_SECRET must have 32 characters or more, as `openssl rand -hex 32` gives.",
  );
});

test.each([
  ["smtp://mail.example.com", "SPILLWAY_MAIL_FROM"],
  ["webhook:https://hooks.example.com", "SPILLWAY_MAIL_SECRET"],
])("%s needs %s", (place, name) => {
  expect(sentence({ SPILLWAY_MAIL: place })).toMatch(new RegExp(`^The setting ${name} is missing; .+\\.$`));
});

test.each([
  ["smtp://user:hunter2hunter2@localhost:2525", "the mail server localhost:2525"],
  ["webhook:https://hooks.example.com/T0KEN-OF-URL", "the webhook at https://hooks.example.com"],
])("neither settings nor place show the secrets of %s", async (place, named) => {
  const setting = settingOf({ SPILLWAY_MAIL: place, SPILLWAY_MAIL_FROM: FROM, SPILLWAY_MAIL_SECRET: SECRET });
  if (setting === null) throw new Error("Nothing is set up.");
  const sink = await createMailSink(setting);
  expect(sink.place).toBe(named);
  const shown = inspect(setting, { depth: 9 }) + JSON.stringify(setting) + inspect(sink);
  for (const secret of ["hunter2hunter2", "T0KEN-OF-URL", SECRET]) expect(shown).not.toContain(secret);
});

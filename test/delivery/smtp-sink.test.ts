import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Secret } from "../../src/domain/secret.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { DELIVERED, header, LINK, mailTo, readable, startSmtpRig, TOKEN, trust } from "./rig.ts";

const LOGIN = { user: "spillway", password: "p@ss: word" };
const PUT_OFF = { kind: "put_off", retryAfterMs: 30_000 };
const OK = { ok: true, value: null };

test("hands over one mail with its link and its end", async () => {
  const { double, sink } = await startSmtpRig();
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(DELIVERED);
  expect(double.mails).toMatchObject([{ from: "accounts@example.com", to: ["ada@example.com"] }]);
  const raw = double.mails[0]?.raw ?? "";
  expect(header(raw, "From")).toBe("Example <accounts@example.com>");
  expect(header(raw, "To")).toBe("ada@example.com");
  expect(header(raw, "Subject")).toBe("Please set a new password");
  expect(header(raw, "Auto-Submitted")).toBe("auto-generated");
  expect(readable(raw)).toContain(`\n${LINK}\n`);
  expect(readable(raw)).toContain("works until 2026-11-22 14:05 UTC.");
});

test("two deliveries of one mail carry the same Message-ID, and another reset's does not", async () => {
  const { double, sink } = await startSmtpRig();
  const other = { link: new Secret(LINK.replace(TOKEN, "another")) };
  for (const mail of [mailTo("ada@example.com"), mailTo("ada@example.com"), mailTo("ada@example.com", other)])
    await sink.deliver(mail);
  const [first, second, third] = double.mails.map(({ raw }) => header(raw, "Message-ID"));
  expect(first).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
  expect(second).toBe(first);
  expect(third).toMatch(/^<[0-9a-f]{40}@example\.com>$/);
  expect(third).not.toBe(first);
});

test.each(["starttls", "implicit"] as const)("logs in over %s and delivers", async (tls) => {
  const { double, sink } = await startSmtpRig({ tls, login: LOGIN });
  trust(double.certificate);
  expect(await sink.check()).toEqual(OK);
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(DELIVERED);
  expect(double.mails).toMatchObject([{ isSecure: true }]);
});

test.each(["starttls", "implicit"] as const)("refuses an unknown certificate over %s", async (tls) => {
  const { double, sink } = await startSmtpRig({ tls, login: LOGIN });
  const code = expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT");
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual({
    kind: "rejected",
    code: "smtp_tls",
    message: code,
  });
  expect(await sink.check()).toEqual({ ok: false, sentence: code });
  expect(double.mails).toEqual([]);
});

test("refuses a certificate of another name", async () => {
  const { double, sink } = await startSmtpRig({ tls: "starttls", setting: { host: "127.0.0.1" } });
  trust(double.certificate);
  expect(await sink.check()).toEqual({ ok: false, sentence: expect.stringContaining("ALTNAME_INVALID") });
  expect(await sink.deliver(mailTo("ada@example.com"))).toMatchObject({ kind: "rejected", code: "smtp_tls" });
});

test("a port that speaks no TLS is told from one that does not answer", async () => {
  const { double, sink } = await startSmtpRig({ setting: { implicitTls: true } });
  expect(await sink.deliver(mailTo("ada@example.com"))).toMatchObject({ kind: "rejected", code: "smtp_tls" });
  expect(await sink.check()).toEqual({
    ok: false,
    sentence: expect.stringContaining("has no TLS that can be trusted (ERR_SSL_WRONG_VERSION_NUMBER)"),
  });
  expect(double.mails).toEqual([]);
});

test("tells nothing to a server without TLS where TLS is a must", async () => {
  const { double, sink } = await startSmtpRig({ login: LOGIN, setting: { requireTls: true } });
  expect(await sink.deliver(mailTo("ada@example.com"))).toMatchObject({ kind: "rejected", code: "smtp_tls" });
  expect(await sink.check()).toEqual({
    ok: false,
    sentence: `The mail server localhost:${double.port} has no TLS that can be trusted (500); check its certificate, and host and port in SPILLWAY_MAIL.`,
  });
  expect(double.mails).toEqual([]);
});

test("a wrong password is refused and shown nowhere", async () => {
  const wrong = { user: "spillway", password: new Secret("not-the-password") };
  const { double, sink } = await startSmtpRig({ login: LOGIN, setting: { login: wrong } });
  const delivery = await sink.deliver(mailTo("ada@example.com"));
  expect(delivery).toMatchObject({ kind: "rejected", code: "smtp_login" });
  const checked = await sink.check();
  expect(checked).toEqual({
    ok: false,
    sentence: `The mail server localhost:${double.port} refuses the login (535); check user and password in SPILLWAY_MAIL.`,
  });
  const base64 = Buffer.from("\0spillway\0not-the-password").toString("base64");
  for (const secret of ["not-the-password", base64])
    expect(JSON.stringify([delivery, checked])).not.toContain(secret);
  expect(double.mails).toEqual([]);
});

test.each([
  { at: "connect", status: 554 },
  { at: "sender", status: 553 },
  { at: "recipient", status: 550 },
  { at: "message", status: 554 },
] as const)("a $status at the $at is a refusal in the server's words", async ({ at, status }) => {
  const { double, sink } = await startSmtpRig();
  double.disturb({ at, kind: "reply", status, text: "5.7.1 Not here, see https://mail.example.net/why" });
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual({
    kind: "rejected",
    code: `smtp_${status}`,
    message: expect.stringContaining("Not here, see https://mail.example.net/why"),
  });
  expect(double.connections).toBe(1);
});

test.each(["connect", "login", "sender", "recipient", "message"] as const)(
  "a 4xx at the %s puts this mail off",
  async (at) => {
    const { double, sink } = await startSmtpRig({ login: LOGIN });
    double.disturb({ at, kind: "reply", status: 451, text: "4.3.2 Later" });
    expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(PUT_OFF);
    expect(double.connections).toBe(1);
  },
);

test.each(["sender", "recipient", "message"] as const)(
  "a server that is sent too much says so at the %s, and asks everybody for a pause",
  async (at) => {
    const { double, sink } = await startSmtpRig();
    double.disturb({
      at,
      kind: "reply",
      status: 454,
      text: "Throttling failure: Maximum sending rate exceeded.",
    });
    expect(await sink.deliver(mailTo("ada@example.com"))).toEqual({ ...PUT_OFF, kind: "slow_down" });
  },
);

test.each(["connect", "login", "sender", "recipient"] as const)(
  "a connection lost at the %s has sent nothing, for certain",
  async (at) => {
    const { double, sink } = await startSmtpRig({ login: LOGIN });
    double.disturb({ at, kind: "drop" });
    expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(PUT_OFF);
    expect(double.connections).toBe(1);
    expect(double.mails).toEqual([]);
  },
);

test.each(["data", "message"] as const)("a connection lost at the %s leaves it open", async (at) => {
  const { double, sink } = await startSmtpRig({ login: LOGIN });
  double.disturb({ at, kind: "drop" });
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual({
    kind: "unknown",
    code: "ECONNRESET",
    message: "The server began to take the mail and did not say that it has it.",
  });
  expect(double.connections).toBe(1);
  expect(double.mails).toHaveLength(at === "message" ? 1 : 0);
});

test.each([
  { at: "connect", expected: PUT_OFF },
  { at: "recipient", expected: PUT_OFF },
  { at: "message", expected: { kind: "unknown", code: "timeout", message: expect.any(String) } },
] as const)("a server that is silent at the $at is given up", async ({ at, expected }) => {
  const { double, sink } = await startSmtpRig({ timeoutMs: 500 });
  double.disturb({ at, kind: "hang" });
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(expected);
});

test("a mail over the server's limit is not begun", async () => {
  const { double, sink } = await startSmtpRig({ maxBytes: 100 });
  expect(await sink.deliver(mailTo("ada@example.com"))).toMatchObject({
    kind: "rejected",
    code: "smtp_size",
  });
  expect(double.mails).toEqual([]);
});

test("a close ends what is in flight, and says what is known of it", async () => {
  const { double, sink } = await startSmtpRig();
  double.disturb({ at: "message", kind: "hang" });
  const reached = double.reached("message");
  const delivery = sink.deliver(mailTo("ada@example.com"));
  await reached;
  sink.close();
  expect(await delivery).toMatchObject({ kind: "unknown", code: "closed" });
});

test("a server that is not there puts the mail off, and a check names it", async () => {
  const port = await freePort();
  const { sink } = await startSmtpRig({ setting: { port } });
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(PUT_OFF);
  expect(await sink.check()).toEqual({
    ok: false,
    sentence: `The mail server localhost:${port} does not answer (ECONNREFUSED); check SPILLWAY_MAIL and the network.`,
  });
});

test("a check sends no mail", async () => {
  const { double, sink } = await startSmtpRig({ login: LOGIN });
  expect(await sink.check()).toEqual(OK);
  expect(double.connections).toBe(1);
  expect(double.mails).toEqual([]);
});

test.each([
  { kind: "reply", status: 421, text: "Later", said: "is busy (421); try again in a while." },
  {
    kind: "reply",
    status: 554,
    text: "No",
    said: "turns Spillway away (554); see its log, and SPILLWAY_MAIL.",
  },
] as const)("a check passes on a $status", async ({ said, ...reply }) => {
  const { double, sink } = await startSmtpRig();
  double.disturb({ at: "connect", ...reply });
  expect(await sink.check()).toEqual({
    ok: false,
    sentence: `The mail server localhost:${double.port} ${said}`,
  });
});

test.each([LINK, `see ?token=${TOKEN}`, TOKEN.toLowerCase(), LOGIN.password])(
  "a reply that quotes a secret is left out: %s",
  async (quoted) => {
    const { double, sink } = await startSmtpRig({ login: LOGIN });
    double.disturb({ at: "message", kind: "reply", status: 550, text: `Blocked: ${quoted}` });
    expect(await sink.deliver(mailTo("ada@example.com"))).toEqual({
      kind: "rejected",
      code: "smtp_550",
      message: "The server's own words quote a secret and are left out.",
    });
  },
);

test.each([
  "ada@example.com\r\nBcc: eve@example.com",
  "ada@example.com\nBcc: eve@example.com",
  "ada@example.com\0",
  "ada@example.com, eve@example.com",
  "ada@example.com>, <eve@example.com",
  "Ada <ada@example.com>",
  "ada @example.com",
  "ada@",
  "ada",
  "",
  `${"a".repeat(65)}@example.com`,
  `ada@${"example.".repeat(1_300)}com`,
])("an address that is no plain one is never used: %j", async (to) => {
  const { double, sink } = await startSmtpRig();
  expect(await sink.deliver(mailTo(to))).toMatchObject({ kind: "rejected", code: "mail_unsafe" });
  expect(double.connections).toBe(0);
});

test("a link or a sub with a line break is never used", async () => {
  const { double, sink } = await startSmtpRig();
  const broken = [
    { link: new Secret(`${LINK}\r\nBcc: eve@example.com`) },
    { sub: "1\nBcc: eve@example.com" },
  ];
  for (const differing of broken)
    expect(await sink.deliver(mailTo("ada@example.com", differing))).toMatchObject({
      kind: "rejected",
      code: "mail_unsafe",
    });
  expect(double.connections).toBe(0);
});

test("an address beyond ASCII is delivered", async () => {
  const { double, sink } = await startSmtpRig();
  expect(await sink.deliver(mailTo("zoë+tag@exämple.com"))).toEqual(DELIVERED);
  expect(double.mails).toMatchObject([{ to: ["zoë+tag@exämple.com"] }]);
});

test("a template of one's own is used, in text and in HTML", async () => {
  const path = join(freshFolder(), "mail.txt");
  const text =
    "Subject: Für {{sub}}\n\nBis {{expires}}: {{link}}\n--- html ---\n<a href='{{link}}'>Hier</a>\n";
  writeFileSync(path, text);
  const { double, sink } = await startSmtpRig({ setting: { templatePath: path } });
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(DELIVERED);
  const mail = readable(double.mails[0]?.raw ?? "");
  expect(mail).toContain(`Bis 2026-11-22 14:05 UTC: ${LINK}\n`);
  expect(mail).toContain(`<a href='${LINK.replace("&", "&amp;")}'>Hier</a>`);
  expect(header(double.mails[0]?.raw ?? "", "Subject")).toMatch(/^=\?UTF-8\?Q\?F=C3=BCr_0a1b2c3d/i);
});

test("a bad template is found by a check, sends nothing, and is read again once mended", async () => {
  const path = join(freshFolder(), "mail.txt");
  writeFileSync(path, "Subject: Hello\n\nNo link.\n");
  const { double, sink } = await startSmtpRig({ setting: { templatePath: path } });
  const sentence = `The mail template ${path} has no {{link}} in its text; put one in, or nobody can set a password.`;
  expect(await sink.check()).toEqual({ ok: false, sentence });
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual({
    kind: "rejected",
    code: "mail_template",
    message: sentence,
  });
  expect(double.connections).toBe(0);
  writeFileSync(path, "Subject: Hello\n\n{{link}}\n");
  expect(await sink.check()).toEqual(OK);
  expect(await sink.deliver(mailTo("ada@example.com"))).toEqual(DELIVERED);
});

test("a mail is written in its person's language, and each text is checked", async () => {
  const folder = freshFolder();
  const path = join(folder, "reset.txt");
  writeFileSync(path, "Subject: Hello\n\n{{link}}\n");
  writeFileSync(join(folder, "reset.de.txt"), "Subject: Hallo\n\n{{link}}\n");
  const { double, sink } = await startSmtpRig({ setting: { templatePath: path } });
  for (const language of ["de_AT", "fr", null]) await sink.deliver(mailTo("ada@example.com", { language }));
  expect(double.mails.map(({ raw }) => header(raw, "Subject"))).toEqual(["Hallo", "Hello", "Hello"]);
  writeFileSync(join(folder, "reset.fr.txt"), "Subject: Bonjour\n\nRien.\n");
  expect(await sink.check()).toMatchObject({
    sentence: expect.stringContaining("reset.fr.txt has no {{link}}"),
  });
});

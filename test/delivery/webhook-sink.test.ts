import { once } from "node:events";
import { createServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import type { MailSink } from "../../src/delivery/mail-sink.ts";
import { createWebhookSink } from "../../src/delivery/webhook-sink.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import { makeIdentity } from "../doubles/smtp/identity.ts";
import { startWebhookDouble, type WebhookDouble } from "../doubles/webhook/double.ts";
import { freePort } from "../setup/free-port.ts";
import { DELIVERED, LINK, mailTo, TOKEN, trust } from "./rig.ts";

const SECRET = "5d2f0c1e8b7a4f3d9c6b5a4e3d2c1b0a";
const OK = { ok: true, value: null };
const PUT_OFF = { kind: "put_off", retryAfterMs: 30_000 };
const MAIL = mailTo("ada@example.com", { language: "de" });

interface WebhookRig {
  double: WebhookDouble;
  sink: MailSink;
}

function sinkAt(url: string, { secret = SECRET, timeoutMs = 5_000 } = {}): MailSink {
  const { origin } = new URL(url);
  const setting = { kind: "webhook" as const, url: new Secret(url), origin, secret: new Secret(secret) };
  const sink = createWebhookSink(setting, timeoutMs);
  onTestFinished(() => sink.close());
  return sink;
}

async function startRig(wish: { secret?: string; timeoutMs?: number } = {}): Promise<WebhookRig> {
  const double = await startWebhookDouble(SECRET);
  onTestFinished(() => double.close());
  return { double, sink: sinkAt(double.url, wish) };
}

async function disturbed(effect: Fault["effect"], timeoutMs?: number): Promise<WebhookRig> {
  const rig = await startRig(timeoutMs === undefined ? {} : { timeoutMs });
  rig.double.faults.add({ match: {}, times: 10, effect });
  return rig;
}

test("posts one signed mail", async () => {
  const { double, sink } = await startRig();
  expect(await sink.deliver(MAIL)).toEqual(DELIVERED);
  const idempotencyKey = expect.stringMatching(/^[0-9a-f]{40}$/);
  expect(double.mails).toEqual([
    {
      to: "ada@example.com",
      link: LINK,
      expires_at: "2026-11-22T14:05:30.000Z",
      sub: MAIL.sub,
      language: "de",
      idempotencyKey,
    },
  ]);
  expect(double.journal.entries).toHaveLength(1);
});

test("two deliveries of one mail carry the same key, and another reset's does not", async () => {
  const { double, sink } = await startRig();
  const other = mailTo("ada@example.com", { link: new Secret(LINK.replace(TOKEN, "another")) });
  for (const mail of [MAIL, MAIL, other]) await sink.deliver(mail);
  const [first, second, third] = double.mails.map(({ idempotencyKey }) => idempotencyKey);
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

test("a check is signed and hands over no mail", async () => {
  const { double, sink } = await startRig();
  expect(await sink.check()).toEqual(OK);
  expect(double.journal.entries).toMatchObject([{ status: 202 }]);
  expect(double.mails).toEqual([]);
});

test("another secret is refused and shown nowhere", async () => {
  const { double, sink } = await startRig({ secret: "7e02b9c5d81f4a63907d2ce5b6f8a143" });
  const delivery = await sink.deliver(MAIL);
  expect(delivery).toEqual({ kind: "rejected", code: "http_401", message: '{"error":"wrong signature"}' });
  const checked = await sink.check();
  expect(checked).toEqual({
    ok: false,
    sentence: `The webhook at ${new URL(double.url).origin} refuses the signature (401); give it the same SPILLWAY_MAIL_SECRET, and check its clock.`,
  });
  expect(JSON.stringify([delivery, checked])).not.toContain("7e02b9c5");
  expect(double.mails).toEqual([]);
});

test.each([400, 404, 410, 422, 307, 308])("a %i is a refusal", async (status) => {
  const { double, sink } = await disturbed({ kind: "status", status, body: "no\n  such thing" });
  expect(await sink.deliver(MAIL)).toEqual({
    kind: "rejected",
    code: `http_${status}`,
    message: "no such thing",
  });
  expect(double.journal.entries).toHaveLength(1);
});

test.each([500, 502, 503, 504, 302, 303])("a %i leaves it open", async (status) => {
  const { double, sink } = await disturbed({ kind: "status_after_effect", status });
  expect(await sink.deliver(MAIL)).toEqual({ kind: "unknown", code: `http_${status}`, message: "" });
  expect(double.mails).toHaveLength(1);
  expect(double.journal.entries).toHaveLength(1);
});

test.each([
  { status: 429, headers: {}, retryAfterMs: 30_000 },
  { status: 429, headers: { "retry-after": "7" }, retryAfterMs: 7_000 },
  { status: 503, headers: { "retry-after": "120" }, retryAfterMs: 120_000 },
  { status: 503, headers: { "retry-after": "999999" }, retryAfterMs: 3_600_000 },
  { status: 429, headers: { "retry-after": "soon" }, retryAfterMs: 30_000 },
  { status: 429, headers: { "retry-after": "Sat, 01 Jan 2000 00:00:00 GMT" }, retryAfterMs: 30_000 },
])("a $status with $headers asks for a later try", async ({ status, headers, retryAfterMs }) => {
  const { double, sink } = await disturbed({ kind: "status", status, headers });
  expect(await sink.deliver(MAIL)).toEqual({ kind: status === 429 ? "slow_down" : "put_off", retryAfterMs });
  expect(double.journal.entries).toHaveLength(1);
});

test.each(["reset", "reset_after_effect"] as const)("a %s of the connection leaves it open", async (kind) => {
  const { double, sink } = await disturbed({ kind });
  expect(await sink.deliver(MAIL)).toMatchObject({ kind: "unknown" });
  expect(double.journal.entries).toHaveLength(1);
});

test("a webhook that is silent is given up and leaves it open", async () => {
  const { sink } = await disturbed({ kind: "hang" }, 500);
  expect(await sink.deliver(MAIL)).toMatchObject({ kind: "unknown", code: "timeout" });
});

test("a close ends what is in flight, and says what is known of it", async () => {
  const { double, sink } = await disturbed({ kind: "hang" });
  const delivery = sink.deliver(MAIL);
  await expect.poll(() => double.journal.entries).toHaveLength(1);
  sink.close();
  expect(await delivery).toMatchObject({ kind: "unknown", code: "closed" });
});

test("a webhook that is not there puts the mail off, and a check names it", async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  const sink = sinkAt(`${origin}/mails?key=of-the-operator`);
  expect(await sink.deliver(MAIL)).toEqual(PUT_OFF);
  expect(await sink.check()).toEqual({
    ok: false,
    sentence: `The webhook at ${origin} does not answer (ECONNREFUSED); check SPILLWAY_MAIL and the network.`,
  });
  expect(sink.place).toBe(`the webhook at ${origin}`);
});

test.each([
  [302, "leads elsewhere (302), which is not followed; name the last address in SPILLWAY_MAIL."],
  [404, 'answers {"check": true} with 404; it must answer 2xx.'],
])("a check passes on a %i", async (status, said) => {
  const { double, sink } = await disturbed({ kind: "status", status });
  expect(await sink.check()).toEqual({
    ok: false,
    sentence: `The webhook at ${new URL(double.url).origin} ${said}`,
  });
});

test.each([LINK, TOKEN, SECRET])("an answer that quotes a secret is left out: %s", async (quoted) => {
  const { sink } = await disturbed({ kind: "status", status: 422, body: `Cannot mail ${quoted}` });
  expect(await sink.deliver(MAIL)).toEqual({
    kind: "rejected",
    code: "http_422",
    message: "The server's own words quote a secret and are left out.",
  });
});

test.each([
  Buffer.from(LINK).toString("base64"),
  Buffer.from(LINK).toString("hex"),
  Buffer.from(TOKEN).toString("base64url"),
  [...TOKEN].map((one) => `%${one.charCodeAt(0).toString(16)}`).join(""),
  [...TOKEN].map((one) => `=${one.charCodeAt(0).toString(16).toUpperCase()}`).join(""),
  [...TOKEN].map((one) => `&#${one.charCodeAt(0)};`).join(""),
])("an answer that quotes it encoded is left out: %s", async (quoted) => {
  const { sink } = await disturbed({ kind: "status", status: 422, body: `Cannot mail ${quoted}` });
  expect(await sink.deliver(MAIL)).toEqual({
    kind: "rejected",
    code: "http_422",
    message: "The server's own words hold something encoded and are left out.",
  });
});

test.each([
  ["see https://mail.example.net/why?ref=a1b2c3&to=ada#x.", "see https://mail.example.net/why?…"],
  ["refused (?token=a1b2c3&lang=en) by policy", "refused (?token=…&lang=…) by policy"],
  [
    "blocked by policy 17, see https://mail.example.net/why",
    "blocked by policy 17, see https://mail.example.net/why",
  ],
])("values of addresses are no words of the server: %s", async (body, message) => {
  const { sink } = await disturbed({ kind: "status", status: 422, body });
  expect(await sink.deliver(MAIL)).toEqual({ kind: "rejected", code: "http_422", message });
});

test("a long answer is cut", async () => {
  const { sink } = await disturbed({ kind: "status", status: 400, body: "word ".repeat(100_000) });
  const delivery = await sink.deliver(MAIL);
  expect(delivery).toMatchObject({ kind: "rejected", code: "http_400" });
  expect("message" in delivery && delivery.message.length).toBe(301);
});

async function startHttps(): Promise<{ url: string; certificate: string; calls: () => number }> {
  const { key, certificate } = makeIdentity("localhost");
  let calls = 0;
  const server = createServer({ key, cert: certificate }, (_, response) => {
    calls += 1;
    response.writeHead(204).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}/mails`, certificate, calls: () => calls };
}

test("an https webhook gets nothing before its certificate is trusted", async () => {
  const { url, certificate, calls } = await startHttps();
  const code = expect.stringContaining("DEPTH_ZERO_SELF_SIGNED_CERT");
  const sink = sinkAt(url);
  expect(await sink.deliver(MAIL)).toEqual({ kind: "rejected", code: "http_tls", message: code });
  expect(await sink.check()).toEqual({ ok: false, sentence: code });
  expect(calls()).toBe(0);
  trust(certificate);
  expect(await sink.deliver(MAIL)).toEqual(DELIVERED);
  expect(calls()).toBe(1);
});

test("a port that speaks no TLS is a refusal", async () => {
  const { double } = await startRig();
  const sink = sinkAt(double.url.replace("http://127.0.0.1", "https://localhost"));
  expect(await sink.deliver(MAIL)).toMatchObject({ kind: "rejected", code: "http_tls" });
  expect(double.journal.entries).toEqual([]);
});

test("a port that never finishes the handshake has got nothing, for certain", async () => {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  server.on("connection", (socket) => onTestFinished(() => void socket.destroy()));
  onTestFinished(() => void server.close());
  // A TCP server that listens has an AddressInfo; the other types are for pipes.
  const { port } = server.address() as AddressInfo;
  expect(await sinkAt(`https://localhost:${port}/mails`, { timeoutMs: 500 }).deliver(MAIL)).toEqual(PUT_OFF);
});

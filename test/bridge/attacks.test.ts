import { expect, test } from "vitest";
import { signatureOf } from "../../src/bridge/caller.ts";
import { Secret } from "../../src/domain/secret.ts";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, call, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

/** The attack list: each is refused with a 4xx that repeats nothing, and nothing is written. */

async function expectRefused(
  rig: BridgeRig,
  answer: Awaited<ReturnType<typeof call>>,
  status: number,
  body: Record<string, unknown>,
) {
  expect(answer.status).toBe(status);
  expect(answer.body).toEqual(body);
  expect(answer.text).not.toMatch(/\bat .*:\d+|node_modules|Error:/);
  expect(rig.workos.state().users).toEqual([]);
  expect(rig.calls().cognito).toEqual([]);
  expect(rig.calls().workos.filter((entry) => !isOfStart(entry))).toEqual([]);
}

/** A bridge that starts proves its key and copies completed resets, whoever comes. */
const isOfStart = (entry: string) => ["exchangeCode 400", "listUsers 200", "listEvents 200"].includes(entry);

const bodyOf = (fields: Record<string, unknown> = {}) => ({
  email: "ada@example.com",
  password: PASSWORD,
  ...fields,
});

function signed(
  body: string,
  { secret = SECRET, atMs = Date.now(), path = "/sign-in" } = {},
): Record<string, string> {
  const timestamp = String(Math.floor(atMs / 1_000));
  const signature = signatureOf(new Secret(secret), `${timestamp}.POST ${path}.${body}`);
  return { "x-spillway-timestamp": timestamp, "x-spillway-signature": signature };
}

test.each<[string, Record<string, string>]>([
  ["nothing", {}],
  ["another secret", { authorization: "Bearer 7e02b9c5d81f4a63907d2ce5b6f8a143" }],
  ["an empty one", { authorization: "Bearer " }],
  ["the secret in another scheme", { authorization: `Basic ${SECRET}` }],
])("a caller who shows %s is refused", async (_, headers) => {
  const rig = await startBridge();
  for (const path of ["/sign-in", "/forgot-password", "/fusionauth/connector", "/no-such-route"])
    await expectRefused(rig, await call(rig.url, path, bodyOf(), headers), 401, {
      error: "unauthorized_caller",
    });
});

test("a signed call is taken once, and never when replayed", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const body = JSON.stringify({ email: emailOf(user), password: PASSWORD });
  const headers = signed(body);
  expect((await call(rig.url, "/sign-in", body, headers)).status).toBe(200);
  const before = rig.calls().workos.length;
  const replayed = await call(rig.url, "/sign-in", body, headers);
  expect(replayed).toMatchObject({ status: 401, body: { error: "unauthorized_caller" } });
  expect(rig.calls().workos.length).toBe(before);
});

test("a signature is good for its own body, path and time only", async () => {
  const rig = await startBridge();
  const body = JSON.stringify(bodyOf());
  const other = JSON.stringify(bodyOf({ email: "eve@example.com" }));
  const hour = 3_600_000;
  const refused: [string, string, Record<string, string>][] = [
    ["/sign-in", other, signed(body)],
    ["/sign-in", body, signed(body, { path: "/forgot-password" })],
    ["/sign-in", body, signed(body, { atMs: Date.now() - hour })],
    ["/sign-in", body, signed(body, { atMs: Date.now() + hour })],
    ["/sign-in", body, signed(body, { secret: "7e02b9c5d81f4a63907d2ce5b6f8a143" })],
    ["/sign-in", body, { ...signed(body), "x-spillway-timestamp": "NaN" }],
  ];
  for (const [path, sent, headers] of refused)
    await expectRefused(rig, await call(rig.url, path, sent, headers), 401, {
      error: "unauthorized_caller",
    });
});

test("two secrets are taken while they are changed", async () => {
  const next = "f3a85e1c7d0946b2e9c05b7ad1f2836e";
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_SECRETS: `${SECRET},${next}` } });
  const body = JSON.stringify(bodyOf());
  for (const secret of [SECRET, next]) {
    const shown = await call(rig.url, "/sign-in", body, { authorization: `Bearer ${secret}` });
    expect(shown).toMatchObject({ status: 401, body: { outcome: "wrong" } });
    const hashed = await call(rig.url, "/sign-in", body, signed(body, { secret }));
    expect(hashed).toMatchObject({ status: 401, body: { outcome: "wrong" } });
  }
});

test("a body over 8 KB is refused before anybody is authenticated, with a length or without", async () => {
  const rig = await startBridge();
  const body = JSON.stringify(bodyOf({ password: "x".repeat(9_000) }));
  await expectRefused(rig, await rig.post("/sign-in", body), 413, { error: "body_too_large" });
  const stream = new Blob([body]).stream();
  const response = await fetch(`${rig.url}/sign-in`, {
    method: "POST",
    body: stream,
    headers: { "content-type": "application/json" },
    // Node's fetch needs it for a body without a length; its types do not know it.
    ...{ duplex: "half" },
  });
  expect(response.status).toBe(413);
});

test("JSON alone is read", async () => {
  const rig = await startBridge();
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
    await expectRefused(rig, await rig.post("/sign-in", bodyOf(), { "content-type": type }), 415, {
      error: "not_json",
    });
  await expectRefused(rig, await rig.post("/sign-in", "email=ada"), 400, { error: "not_json" });
});

test.each<[string, unknown, object]>([
  ["a list", [bodyOf()], {}],
  ["nothing", {}, { key: "email", problem: "missing" }],
  ["null", null, {}],
  ["a number for an address", bodyOf({ email: 7 }), { key: "email", problem: "wrong" }],
  ["an object for a password", bodyOf({ password: { $ne: "" } }), { key: "password", problem: "wrong" }],
  ["an empty password", bodyOf({ password: "" }), { key: "password", problem: "wrong" }],
  ["an unknown field", bodyOf({ admin: true }), { key: "admin", problem: "unknown" }],
  ["no address", bodyOf({ email: "ada" }), { key: "email", problem: "wrong" }],
  ["two addresses", bodyOf({ email: "ada@example.com,eve@example.com" }), { key: "email", problem: "wrong" }],
  [
    "a header in an address",
    bodyOf({ email: "ada@example.com\r\nBcc: eve@example.com" }),
    { key: "email", problem: "wrong" },
  ],
  [
    "a header in a local part",
    bodyOf({ email: "ada\nBcc:eve@example.com" }),
    { key: "email", problem: "wrong" },
  ],
  ["NUL in an address", bodyOf({ email: "ada\u0000@example.com" }), { key: "email", problem: "wrong" }],
  [
    "a very long address",
    bodyOf({ email: `${"a".repeat(7_000)}@example.com` }),
    { key: "email", problem: "wrong" },
  ],
  [
    "a header in a user agent",
    bodyOf({ user_agent: "Mozilla\r\nX-Evil: 1" }),
    { key: "user_agent", problem: "wrong" },
  ],
  ["no IP address", bodyOf({ ip_address: "127.0.0.1; drop table" }), { key: "ip_address", problem: "wrong" }],
  ["an address for a key", bodyOf({ "ada@example.com": true }), { problem: "unknown" }],
  ["no password", { email: "ada@example.com" }, { key: "password", problem: "missing" }],
  [
    "__proto__",
    `{"email":"ada@example.com","password":"${PASSWORD}","__proto__":{"admin":true}}`,
    { key: "__proto__", problem: "unknown" },
  ],
  [
    "constructor",
    `{"email":"ada@example.com","password":"${PASSWORD}","constructor":{"prototype":{}}}`,
    { key: "prototype", problem: "unknown" },
  ],
])("a body with %s is refused, and its key named", async (_, body, named) => {
  const rig = await startBridge();
  await expectRefused(rig, await rig.post("/sign-in", body), 400, { error: "invalid_body", ...named });
  expect(Object.prototype).not.toHaveProperty("admin");
});

test("an e-mail address of 10 KB is too large a body", async () => {
  const rig = await startBridge();
  const answer = await rig.post("/sign-in", bodyOf({ email: `${"a".repeat(10_240)}@example.com` }));
  await expectRefused(rig, answer, 413, { error: "body_too_large" });
});

test("1,000 wrong passwords for one account: ten are asked about in a minute, the right one neither", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "10" } });
  const user = await rig.add();
  const statuses = new Map<number, number>();
  for (let group = 0; group < 50; group += 1) {
    const tries = Array.from({ length: 20 }, (_, index) =>
      rig.signIn(emailOf(user), `Guess-${group}-${index}`),
    );
    for (const { status } of await Promise.all(tries)) statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(statuses.get(429)).toBeGreaterThanOrEqual(990);
  expect(statuses.get(200)).toBeUndefined();
  expect(rig.calls().cognito.length).toBeLessThanOrEqual(10);
  const right = await rig.signIn(emailOf(user));
  expect(right).toMatchObject({ status: 429, body: { outcome: "throttled" } });
  expect(Number(right.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(rig.workos.state().users).toEqual([]);
});

test("one address may not try many accounts", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "3" } });
  const statuses: number[] = [];
  for (let account = 0; account < 5; account += 1) {
    const body = bodyOf({ email: `person${account}@example.com`, ip_address: "203.0.113.9" });
    statuses.push((await rig.post("/sign-in", body)).status);
  }
  expect(statuses).toEqual([401, 401, 401, 429, 429]);
  expect((await rig.post("/sign-in", bodyOf({ ip_address: "203.0.113.10" }))).status).toBe(401);
});

test("an address that tried too much uses up nobody's tries", async () => {
  const limits = { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "1", SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "1" };
  const rig = await startBridge({ settings: limits });
  const user = await rig.add();
  const from = (ip_address: string, email: string) => rig.post("/sign-in", bodyOf({ email, ip_address }));
  expect((await from("203.0.113.9", "eve@example.com")).status).toBe(401);
  expect((await from("203.0.113.9", emailOf(user))).status).toBe(429);
  expect((await from("198.51.100.1", emailOf(user))).status).toBe(200);
});

test.each([
  ["another one of its network", "2001:db8::2"],
  ["the same one in capitals", "2001:DB8::1"],
  ["the same one at length", "2001:0db8:0:0:0:0:0:1"],
])("an IPv6 address that tried too much may not go on as %s", async (_, other) => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "1" } });
  const statuses: number[] = [];
  for (const ip_address of ["2001:db8::1", other, "2001:db8:0:1::1"])
    statuses.push((await rig.post("/sign-in", bodyOf({ ip_address }))).status);
  expect(statuses).toEqual([401, 429, 401]);
});

test("an IPv4 address is the same one where it is written as IPv6", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "1" } });
  const statuses: number[] = [];
  for (const ip_address of ["203.0.113.9", "::ffff:203.0.113.9", "::ffff:203.0.113.10"])
    statuses.push((await rig.post("/sign-in", bodyOf({ ip_address }))).status);
  expect(statuses).toEqual([401, 429, 401]);
});

test("what is not there is not found, and tells nothing of the server", async () => {
  const rig = await startBridge();
  for (const path of ["/fusionauth/connector", "/password-hook", "/descope/verify", "/.env", "/sign-in/../x"])
    expect(await rig.post(path, bodyOf())).toMatchObject({ status: 404, body: { error: "not_found" } });
});

test.each([
  ["the Kelvin sign", "\u212aim@example.com", "kim@example.com"],
  ["a dotted capital I", "\u0130da@example.com", "ida@example.com"],
  ["a full-width letter", "ｋim@example.com", "kim@example.com"],
])("%s opens nobody's account", async (_, typed, owner) => {
  const rig = await startBridge({
    settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope" },
    vendors: [asking],
  });
  await rig.add({ email: owner });
  const show = { outcome: "not_for_import", show: "contact", reason: "email_refused" };
  await expectRefused(rig, await rig.post("/sign-in", bodyOf({ email: typed })), 403, show);
  await expectRefused(rig, await rig.post("/forgot-password", { email: typed }), 202, {
    outcome: "accepted",
  });
  await expectRefused(rig, await rig.post("/descope/verify", bodyOf({ email: typed })), 403, show);
});

test("somebody of Cognito whose address only looks like another's gets nobody's account", async () => {
  const rig = await startBridge();
  await rig.add({ email: "kim@example.com", password: "Another-Horse-7" });
  await rig.add({ email: "\u212aim@example.com" });
  expect((await rig.signIn("kim@example.com")).body).toMatchObject({ outcome: "wrong" });
  expect(rig.workos.state().users).toEqual([]);
});

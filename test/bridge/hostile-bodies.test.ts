import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

/** Requests that nobody means well with: each is refused, and nothing comes of it. */

const SEED = 14;
const REQUESTS = 1_000;
const AT_ONCE = 20;

const DOORS = ["/sign-in", "/forgot-password", "/fusionauth/connector", "/password-hook", "/descope/verify"];
const ROUTES = { SPILLWAY_BRIDGE_ROUTES: "sign-in,fusionauth,password-hook,descope" };
const UNLIMITED = { SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "100000" };

interface Hostile {
  method?: string;
  path?: string;
  headers?: readonly string[];
  /** Instead of the caller's own. */
  authorization?: string;
  type?: string;
  body: string | Buffer;
}

const anyDoor = fc.constantFrom(...DOORS);
const json = (value: unknown) => JSON.stringify(value);
/** Right for every door, but for what the attack changes: each knows some of these keys and no others. */
const person = { email: "ada@example.com", loginId: "ada@example.com", identifier: "ada@example.com" };
const badText = fc.constantFrom(
  ...["ada", "@", "a@b@c", "ada@example.com,eve@example.com", "ada@example.com\r\nBcc: eve@example.com"],
  ...["ada\0@example.com", "\ud800@example.com", "ada@exa mple.com", "<ada@example.com>", "a\u2028@b.c"],
  ...[`${"a".repeat(300)}@example.com`, "", " ", "\u202eada@example.com"],
);
const badValue = fc.oneof(
  fc.constantFrom(1e308, -0, null, true, [], {}, { $ne: "" }, ["ada@example.com"]),
  badText,
);

const attacks: fc.Arbitrary<Hostile>[] = [
  // Whatever stands for an address is none.
  badValue.map((bad) => ({ body: json({ email: bad, loginId: bad, identifier: bad, password: "x" }) })),
  fc.jsonValue({ maxDepth: 4 }).map((value) => ({ body: json([value]) })),
  fc.constantFrom(7, null, [], {}, "", false, "x".repeat(2_000)).map((password) => ({
    body: json({ ...person, password }),
  })),
  fc
    .tuple(fc.constantFrom("[", '{"a":', '{"email":['), fc.integer({ min: 1_000, max: 8_000 }))
    .map(([open, length]) => ({ body: open.repeat(Math.floor(length / open.length)) })),
  fc
    .integer({ min: 10, max: 3_900 })
    .map((depth) => ({ body: `{"email":${"[".repeat(depth)}${"]".repeat(depth)}}` })),
  fc.constantFrom("__proto__", "constructor", "prototype").map((key) => ({
    body: `{"email":"ada@example.com","loginId":"ada@example.com","password":"x","${key}":{"a":1}}`,
  })),
  fc.constantFrom("1e999", "-1e999", "1".repeat(400), "0.1e-999").map((number) => ({
    body: `{"email":${number},"loginId":${number},"password":${number}}`,
  })),
  // The last one counts.
  fc.constantFrom("7", "null", '"no address"').map((last) => ({
    body: `{"password":"x","email":"ada@example.com","email":${last},"loginId":"a@b.c","loginId":${last}}`,
  })),
  fc.uint8Array({ minLength: 1, maxLength: 2_000 }).map((bytes) => ({ body: Buffer.from([0xff, ...bytes]) })),
  fc.string({ unit: "binary", maxLength: 500 }).map((text) => ({ body: `${text}{` })),
  fc.integer({ min: 8_193, max: 40_000 }).map((length) => ({ body: json({ password: "x".repeat(length) }) })),
  fc
    .constantFrom(
      "text/plain",
      "multipart/form-data",
      "application/x-www-form-urlencoded",
      "application/jsonp",
      "",
    )
    .map((type) => ({ type, body: json({ ...person, password: PASSWORD }) })),
  fc
    .constantFrom(
      "",
      "Bearer",
      "Bearer x",
      `Basic ${SECRET}`,
      `Bearer ${SECRET}x`,
      `Bearer ${SECRET.slice(1)}`,
    )
    .map((authorization) => ({ authorization, body: json({ ...person, password: PASSWORD }) })),
  fc
    .tuple(fc.constantFrom("0", "NaN", "-1", "9".repeat(30), "1e3"), fc.base64String({ maxLength: 90 }))
    .map(([at, signature]) => ({
      headers: [`X-Spillway-Timestamp: ${at}`, `X-Spillway-Signature: v1=${signature}`],
      body: json({ ...person, password: PASSWORD }),
    })),
  fc.constantFrom("Mozilla\r\nX-Evil: 1", "\0", "x".repeat(600), 7, null).map((user_agent) => ({
    body: json({ email: "ada@example.com", password: "x", user_agent, loginId: "no" }),
  })),
  fc.constantFrom("1.2.3", "::1; drop table", "999.1.1.1", "0x7f.1", 7).map((ip_address) => ({
    body: json({ email: "ada@example.com", password: "x", ip_address, loginId: "no" }),
  })),
  fc
    .constantFrom("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "BREW", "get")
    .map((method) => ({ method, body: "" })),
  fc
    .constantFrom(
      ...["/%2e%2e/sign-in", "//sign-in", "/sign-in/", "/SIGN-IN", "/sign-in%00", "/.env", "\\", "*"],
    )
    .map((path) => ({ path, body: json({ ...person, password: PASSWORD }) })),
  fc
    .constantFrom(
      ["Content-Length: 5", "Transfer-Encoding: chunked"],
      ["Transfer-Encoding: chunked, identity"],
      ["Content-Length: -1"],
      ["Content-Length: 1", "Content-Length: 2"],
      ["Bad Header: 1"],
      [`X-Long: ${"x".repeat(20_000)}`],
      ["Host: another"],
      ["Expect: something-else"],
    )
    .map((headers) => ({ headers, body: "{}" })),
];

/** The status that it was answered with; Node hangs up on what is no HTTP. */
async function send(rig: BridgeRig, door: string, hostile: Hostile): Promise<number> {
  const { hostname, port } = new URL(rig.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  const body = Buffer.from(hostile.body);
  const { method = "POST", path = door, headers = [], type = "application/json" } = hostile;
  const isLengthTheirs = headers.some((line) => /^(content-length|transfer-encoding):/i.test(line));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    "Host: bridge",
    "Connection: close",
    `Authorization: ${hostile.authorization ?? `Bearer ${SECRET}`}`,
    `Content-Type: ${type}`,
    ...(isLengthTheirs ? [] : [`Content-Length: ${body.length}`]),
    ...headers,
  ];
  let answer = "";
  socket.setEncoding("latin1").on("data", (piece: string) => {
    answer += piece;
  });
  socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]));
  await once(socket, "close");
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

/** All that stands in the ledger, but for what counts calls. */
async function ledgerOf({ ledger }: BridgeRig): Promise<Record<string, unknown>> {
  const { rows: tables } = await ledger.read((db) =>
    sql<{ name: string }>`select name from sqlite_master where type = 'table' and name <> 'pace'`.execute(db),
  );
  const content: Record<string, unknown> = {};
  for (const { name } of tables)
    content[name] = (await ledger.read((db) => sql`select * from ${sql.table(name)}`.execute(db))).rows;
  return content;
}

/** A bridge that starts proves its key and copies completed resets, whoever comes. */
const OF_START = ["exchangeCode 400", "listUsers 200", "listEvents 200"];

test("1,000 hostile requests are refused with a 4xx each, and nothing comes of them", async () => {
  const rig = await startBridge({ settings: { ...ROUTES, ...UNLIMITED }, vendors: [asking] });
  const user = await rig.add();
  const before = await ledgerOf(rig);
  const requests = fc.sample(fc.tuple(anyDoor, fc.oneof(...attacks)), { seed: SEED, numRuns: REQUESTS });
  const odd: unknown[] = [];
  for (let at = 0; at < requests.length; at += AT_ONCE)
    await Promise.all(
      requests.slice(at, at + AT_ONCE).map(async ([door, hostile]) => {
        const status = await send(rig, door, hostile);
        if (!(status >= 400 && status < 500)) odd.push({ status, door, hostile });
      }),
    );
  expect(odd).toEqual([]);
  await rig.serving.bridge.context.afterAnswers.idle();
  expect(await ledgerOf(rig)).toEqual(before);
  expect(rig.calls().cognito).toEqual([]);
  expect(rig.calls().workos.filter((entry) => !OF_START.includes(entry))).toEqual([]);
  expect(rig.workos.state().users).toEqual([]);
  expect(Object.prototype).not.toHaveProperty("a");
  // It goes on serving.
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

test.each([
  ["NUL", "\0"],
  ["a lone surrogate", "\ud800"],
  ["a line break", "x\r\ny"],
  ["1,024 emoji halves", "\ud83d".repeat(1_024)],
  ["a mark that turns text", "\u202e"],
  ["JSON", '{"$ne":""}'],
])("a password of %s is a wrong one", async (_, password) => {
  const rig = await startBridge({ settings: UNLIMITED });
  const user = await rig.add();
  const answer = await rig.post("/sign-in", { email: emailOf(user), password });
  expect(answer).toMatchObject({ status: 401, body: { outcome: "wrong", show: "wrong" } });
});

test.each([
  ["half of a pair", "Aa1\ud800"],
  ["300 characters", "x".repeat(300)],
])("a password of %s makes no outage of Cognito, which would tell who has moved", async (_, password) => {
  const rig = await startBridge({ settings: UNLIMITED });
  const moved = await rig.add();
  await rig.imported(moved, { lastSignInAt: new Date().toISOString() });
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 9,
    effect: { kind: "status", status: 400, body: { __type: "SerializationException" } },
  });
  for (const email of [emailOf(moved), emailOf(await rig.add()), "nobody@example.com"])
    expect(await rig.post("/sign-in", { email, password })).toMatchObject({ status: 401 });
});

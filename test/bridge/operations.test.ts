import { readFileSync } from "node:fs";
import { request } from "node:https";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { serveBridge } from "../../src/bridge/serve.ts";
import { readSettings } from "../../src/settings.ts";
import { freshPostgres } from "../ledger/ledgers.ts";
import { type BridgeRig, emailOf, startBridge } from "./rig.ts";
import { tlsSettings } from "./tls-files.ts";

async function get(url: string, path: string) {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, text: await response.text() };
}

test("health and readiness are answered to anyone", async () => {
  const rig = await startBridge();
  expect(await get(rig.url, "/healthz")).toEqual({ status: 200, text: '{"alive":true}' });
  expect(await get(rig.url, "/readyz")).toEqual({
    status: 200,
    text: '{"ready":true,"ledger":"open","client":"ok","destination":"ok"}',
  });
});

async function readiness(rig: BridgeRig) {
  const { status, text } = await get(rig.url, "/readyz");
  const body: unknown = JSON.parse(text);
  return { status, body };
}

test("a ledger without the migration is not ready, until there is one", async () => {
  const rig = await startBridge();
  const rename = (from: string, to: string) =>
    rig.ledger.write((tx) =>
      tx.updateTable("migrations").set({ pool_id: to }).where("pool_id", "=", from).execute(),
    );
  const { poolId } = rig.cognito.pool;
  await rename(poolId, "eu-west-1_Another1");
  expect(await readiness(rig)).toMatchObject({ status: 503, body: { ready: false, ledger: "no_migration" } });
  await rename("eu-west-1_Another1", poolId);
  expect(await readiness(rig)).toMatchObject({ status: 200, body: { ready: true, ledger: "open" } });
});

test("a key that WorkOS refuses is not ready, until it takes it", async () => {
  const key = "sk_test_not_yet";
  const rig = await startBridge({ settings: { WORKOS_API_KEY: key } });
  const refused = { status: 503, body: { ready: false, destination: "unauthorized" } };
  expect(await readiness(rig)).toMatchObject(refused);
  rig.workos.setOptions({ key });
  // As it does every ten seconds.
  await rig.serving.bridge.copyResets();
  expect(await readiness(rig)).toMatchObject({ status: 200, body: { ready: true, destination: "ok" } });
  rig.workos.setOptions({ key: "sk_test_rotated" });
  await rig.serving.bridge.copyResets();
  expect(await readiness(rig)).toMatchObject(refused);
  rig.workos.setOptions({ key });
  await rig.serving.bridge.copyResets();
  expect(await readiness(rig)).toMatchObject({ status: 200 });
});

test("a call that WorkOS's firewall refuses takes nobody away, as anybody may type what it refuses", async () => {
  const rig = await startBridge();
  const email = "a'or/**/1=1--@example.com";
  const blocked = {
    kind: "status",
    status: 403,
    headers: { "content-type": "text/html" },
    body: "<html>Attention Required</html>",
  } as const;
  await rig.serving.bridge.copyResets();
  rig.workos.faults.add({ match: { operation: "listUsers" }, times: 1, effect: blocked });
  expect(await rig.post("/forgot-password", { email })).toMatchObject({ status: 503 });
  expect(await readiness(rig)).toMatchObject({ status: 200, body: { destination: "ok" } });
});

test("a WorkOS that does not answer takes nobody away who is served", async () => {
  const rig = await startBridge();
  expect(await readiness(rig)).toMatchObject({ status: 200 });
  rig.workos.faults.add({ match: {}, times: 100, effect: { kind: "reset" } });
  await rig.serving.bridge.copyResets();
  expect(await readiness(rig)).toMatchObject({ status: 200, body: { destination: "ok" } });
});

test("metrics count how requests ended, and name nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const locked = await rig.add({ challenge: "SMS_MFA" });
  await rig.signIn(emailOf(user));
  await rig.signIn(emailOf(user));
  await rig.signIn(emailOf(user), "Not-The-One-9");
  await rig.signIn(emailOf(locked));
  rig.workos.faults.add({ match: { operation: "authenticate" }, times: 1, effect: { kind: "reset" } });
  await rig.signIn(emailOf(user));
  const { text } = await get(rig.url, "/metrics");
  const ended = (outcome: string) =>
    Number(new RegExp(`route="sign-in",outcome="${outcome}"} (\\d+)`).exec(text)?.[1]);
  expect(ended("signed_in")).toBe(2);
  expect(ended("wrong")).toBe(1);
  expect(ended("second_factor")).toBe(1);
  expect(ended("outage")).toBe(1);
  expect(text).toContain("spillway_bridge_migrated_total 1");
  expect(text).toContain('spillway_bridge_seconds_count{route="sign-in"} 5');
  expect(text).not.toContain("@");
});

test("a password that came over counts as well where WorkOS asks for more before a session", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  rig.workos.setOptions({ mfaRequired: true });
  expect(await rig.signIn(emailOf(user))).toMatchObject({ body: { outcome: "second_factor" } });
  expect((await get(rig.url, "/metrics")).text).toContain("spillway_bridge_migrated_total 1");
  await rig.signIn(emailOf(user));
  expect((await get(rig.url, "/metrics")).text).toContain("spillway_bridge_migrated_total 1");
});

test("imports yield: what sign-ins ask is owed, ten seconds' worth at the most", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.signIn(emailOf(user));
  const paces = () => rig.ledger.read((db) => db.selectFrom("pace").select("owed").execute());
  await expect.poll(async () => (await paces()).every(({ owed }) => owed > 0)).toBe(true);
  for (const { owed } of await paces()) expect(owed).toBeLessThanOrEqual(10 * 50);
});

test("a session stays in no cache", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const answer = await rig.signIn(emailOf(user));
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("a PostgreSQL ledger keeps the limits of all bridges together", async () => {
  const { url: ledgerUrl } = await freshPostgres();
  const rig = await startBridge({ ledgerUrl, settings: { SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "2" } });
  const user = await rig.add();
  expect((await rig.signIn(emailOf(user), "Not-The-One-9")).status).toBe(401);
  // The table is the limiter's own: the schema of the ledger's questions does not know it.
  const { rows: keys } = await rig.ledger.read((db) => sql`select key from bridge_limits`.execute(db));
  expect(keys.length).toBeGreaterThan(0);
  expect(JSON.stringify(keys)).not.toContain(emailOf(user));
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expect((await rig.signIn(emailOf(user))).status).toBe(429);
});

test("TLS is served with the files of the settings", async () => {
  const settings = tlsSettings();
  const rig = await startBridge({ settings });
  const { port, protocol } = new URL(rig.url);
  expect(protocol).toBe("https:");
  const status = await new Promise((resolve, reject) => {
    const asked = request(
      {
        host: "localhost",
        port,
        path: "/healthz",
        ca: readFileSync(settings.SPILLWAY_BRIDGE_TLS_CERT),
        lookup: toLoopback,
      },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    asked.on("error", reject).end();
  });
  expect(status).toBe(200);
});

/** The bridge of the rig listens on IPv4 alone. */
function toLoopback(
  _: string,
  options: { all?: boolean | undefined },
  done: (error: null, address: never, family?: number) => void,
): void {
  // Node's two forms of the callback: a list where `all` is asked for.
  if (options.all) done(null, [{ address: "127.0.0.1", family: 4 }] as never);
  else done(null, "127.0.0.1" as never, 4);
}

test.each([
  [{}, "These settings are missing: SPILLWAY_BRIDGE_SECRETS ("],
  [
    { SPILLWAY_BRIDGE_TLS_CERT: "/nowhere.pem", SPILLWAY_BRIDGE_TLS_KEY: "/nowhere.pem" },
    "TLS_CERT cannot be read: it does not exist",
  ],
  [
    { SPILLWAY_BRIDGE_TLS_CERT: "package.json", SPILLWAY_BRIDGE_TLS_KEY: "package.json" },
    "are no certificate and its own key",
  ],
])("a bridge that cannot start says why: %j", async (more, sentence) => {
  const own = {
    SPILLWAY_BRIDGE_SECRETS: "c41f9d07b2e85a36f01d7c94e6b3a258",
    SPILLWAY_BRIDGE_USER_POOL: "eu-west-1_AbCdEfGhI",
    SPILLWAY_BRIDGE_CLIENT_ID: "client",
  };
  const settings = readSettings(Object.keys(more).length === 0 ? {} : { ...own, ...more });
  if (!settings.ok) throw new Error(settings.sentence);
  await expect(serveBridge(settings.value)).rejects.toThrow(sentence);
});

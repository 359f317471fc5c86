import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { AppClientWatch } from "../../src/bridge/app-client.ts";
import { CLIENT_FAULT_SENTENCES, NO_ANSWER } from "../../src/bridge/cognito-troubles.ts";
import { BridgeMetrics } from "../../src/bridge/metrics.ts";
import { SeldomLog } from "../../src/bridge/seldom-log.ts";
import type { ClientFault } from "../../src/cognito/app-client.ts";
import { createPasswordCheck } from "../../src/cognito/sign-in.ts";
import { createUserSource } from "../../src/cognito/user-pool.ts";
import { Secret } from "../../src/domain/secret.ts";
import { stubAws } from "../cognito/rig.ts";
import { startCognitoDouble } from "../doubles/cognito/double.ts";
import { passwordClient } from "../doubles/pool/passwords.ts";
import { type PoolClient, poolOf } from "../doubles/pool/pool.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { emailOf, type RigWish, SECRET, startBridge } from "./rig.ts";

const START_FAULTS: [code: ClientFault, wish: RigWish][] = [
  ["pool_not_found", { settings: { SPILLWAY_BRIDGE_USER_POOL: "eu-west-1_Nobody" } }],
  ["client_not_found", { settings: { SPILLWAY_BRIDGE_CLIENT_ID: "nobody" } }],
  ["client_secret_wrong", { settings: { SPILLWAY_BRIDGE_CLIENT_SECRET: "another" } }],
  ["client_secret_missing", { settings: { SPILLWAY_BRIDGE_CLIENT_SECRET: "" } }],
  ["flow_not_enabled", { client: { signInFlows: ["ALLOW_USER_SRP_AUTH"] } }],
  ["token_without_email", { client: { readAttributes: ["email_verified", "name"] } }],
  ["token_without_email_verified", { client: { readAttributes: ["email", "name"] } }],
];

test.each(START_FAULTS)(
  "a bridge whose app client cannot check passwords does not start: %s",
  async (code, wish) => {
    await expect(startBridge(wish)).rejects.toThrow(CLIENT_FAULT_SENTENCES[code]);
  },
);

test("an endpoint of AWS's config file without TLS gets no password: the bridge does not start", async () => {
  const rig = await startBridge();
  const file = join(freshFolder(), "config");
  writeFileSync(file, "[default]\nendpoint_url = http://cognito.example.com:9229\n");
  stubAws({ AWS_CONFIG_FILE: file, AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: undefined });
  await expect(rig.another()).rejects.toThrow(CLIENT_FAULT_SENTENCES.endpoint_in_clear);
  const source = createUserSource({ region: "eu-west-1", userPoolId: rig.cognito.pool.poolId });
  onTestFinished(() => source.close());
  const answer = await source.listUsers(null, 1);
  expect(answer).toEqual({ ok: false, problem: "unavailable", code: "ENDPOINT_IN_CLEAR" });
});

test("the public flow is tried as well", async () => {
  const settings = { SPILLWAY_BRIDGE_FLOW: "public" };
  const client = { signInFlows: ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] };
  await expect(startBridge({ settings, client })).rejects.toThrow(CLIENT_FAULT_SENTENCES.flow_not_enabled);
});

test("the process says it in one sentence, and ends with exit code 2", async () => {
  const rig = await startBridge();
  const ended = promisify(execFile)(process.execPath, ["src/bridge.ts"], {
    env: {
      ...process.env,
      SPILLWAY_LEDGER: rig.ledgerUrl,
      SPILLWAY_BRIDGE_SECRETS: SECRET,
      SPILLWAY_BRIDGE_USER_POOL: rig.cognito.pool.poolId,
      SPILLWAY_BRIDGE_CLIENT_ID: "nobody",
      SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0",
      WORKOS_API_KEY: rig.workos.key,
      WORKOS_CLIENT_ID: rig.workos.clientId,
      WORKOS_API_URL: rig.workos.url,
    },
  });
  const sentence = `${CLIENT_FAULT_SENTENCES.client_not_found}\n`;
  await expect(ended).rejects.toMatchObject({ code: 2, stdout: "", stderr: sentence });
});

async function ready(url: string) {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: await response.json() };
}

test("without the permission to describe it the client is tried all the same", async () => {
  const rig = await startBridge({ cognito: { denied: "DescribeUserPoolClient" } });
  expect(await ready(rig.url)).toMatchObject({ status: 200, body: { ready: true, client: "ok" } });
});

test("what the client may not read shows at the first sign-in then, and is counted", async () => {
  const rig = await startBridge({
    cognito: { denied: "DescribeUserPoolClient" },
    client: { readAttributes: ["email", "name"] },
  });
  const user = await rig.add();
  expect(await rig.signIn(emailOf(user))).toMatchObject({
    status: 503,
    body: { outcome: "outage", show: "later" },
  });
  const metrics = await (await fetch(`${rig.url}/metrics`)).text();
  expect(metrics).toContain('spillway_bridge_trouble_total{code="token_without_email_verified"} 1');
  expect(rig.workos.state().users).toEqual([]);
});

test("a bridge that AWS does not let try passwords starts for those who were moved, and is not ready", async () => {
  const rig = await startBridge({ cognito: { denied: "AdminInitiateAuth" } });
  expect(await ready(rig.url)).toEqual({
    status: 503,
    body: { ready: false, ledger: "open", client: "AccessDeniedException", destination: "ok" },
  });
});

test("a bridge starts while Cognito does not answer, and is ready", async () => {
  const rig = await startBridge({
    faults: ["AdminInitiateAuth", "DescribeUserPoolClient", "discovery"].map((operation) => ({
      match: { operation },
      times: 1,
      effect: { kind: "status", status: 503, body: "upstream unavailable" },
    })),
  });
  expect(await ready(rig.url)).toEqual({
    status: 200,
    body: { ready: true, ledger: "open", client: "not_checked", destination: "ok" },
  });
  const user = await rig.add();
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
});

/** The watch alone, which asks again at once. */
async function watch(parts: Partial<PoolClient> = {}) {
  const client = passwordClient({ secret: "right", ...parts });
  const pool = poolOf({ users: [], clients: [client] });
  const double = await startCognitoDouble({ pool, options: { unlimited: true } });
  onTestFinished(() => double.close());
  stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: double.url });
  const address = { region: pool.region, userPoolId: pool.poolId, callTimeoutMs: 2_000 };
  const source = createUserSource(address);
  onTestFinished(() => source.close());
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line) => lines.push(line) });
  const watched = new AppClientWatch(
    createPasswordCheck({
      ...address,
      clientId: client.id,
      clientSecret: new Secret("right"),
      flow: "admin",
      findUser: source.findUser,
    }),
    { metrics: new BridgeMetrics(), log: new SeldomLog(logger) },
    1,
  );
  onTestFinished(() => watched.passwords.close());
  const attempt = () =>
    watched.passwords.check("ada", new Secret("Wrong-1"), { ipAddress: null, userAgent: null });
  return { watched, client, double, lines, attempt };
}

test("a client that is broken later shows with the next sign-in, and again when it is mended", async () => {
  const { watched, client, lines, attempt } = await watch();
  await watched.begin();
  expect([watched.word, watched.isUnable]).toEqual(["ok", false]);
  client.signInFlows = [];
  expect(await attempt()).toEqual({ kind: "outage", code: "flow_not_enabled" });
  await expect.poll(() => watched.word).toBe("flow_not_enabled");
  expect(watched.isUnable).toBe(true);
  await attempt();
  // With whatever number of sign-ins.
  expect(lines.filter((line) => line.includes(CLIENT_FAULT_SENTENCES.flow_not_enabled))).toHaveLength(1);
  client.signInFlows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"];
  await expect.poll(() => watched.word).toBe("ok");
  expect(watched.isUnable).toBe(false);
  expect(await attempt()).toEqual({ kind: "wrong" });
});

test.each([
  ["PreAuthentication failed with error Not for you.", "ok"],
  ["UserMigration failed with error Nobody.", "ok"],
  ["PostAuthentication failed with error Broken.", "not_checked"],
])("a trigger that answers the attempt of nobody with '%s' leaves it %s", async (message, word) => {
  const { watched, double } = await watch();
  const body = { __type: "UserLambdaValidationException", message };
  double.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "status", status: 400, body },
  });
  await watched.begin();
  expect(watched.word).toBe(word);
});

test("an error of AWS's that has no sentence of its own is told in general words", async () => {
  const { watched, double, lines } = await watch();
  double.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "status", status: 400, body: { __type: "constructor", message: "Broken." } },
  });
  await watched.begin();
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
    { code: "constructor", msg: NO_ANSWER },
  ]);
});

import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import type { Exchange } from "../doubles/cognito/double.ts";
import { asking } from "./asking-vendor.ts";
import {
  type Answered,
  type BridgeRig,
  emailOf,
  isProven,
  moveOf,
  PASSWORD,
  SECRET,
  startBridge,
} from "./rig.ts";

const ALL = {
  settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,fusionauth,password-hook,descope" },
  vendors: [asking],
};

/** As FusionAuth's connector sends it. */
const connector = (loginId: string, password = PASSWORD) => ({
  loginId,
  password,
  applicationId: "85a03867-dccf-4882-adde-1a79aeec50df",
  ipAddress: "192.0.2.1",
});

/** On a busy machine an answer may take longer than FusionAuth waits: the person tries again. */
async function connected(rig: BridgeRig, given: object): Promise<Answered> {
  const answers = rig.post("/fusionauth/connector", given);
  return (await answers).status === 503 ? connected(rig, given) : answers;
}

test("FusionAuth's connector gets the user, or a 404", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const proven = await connected(rig, connector(emailOf(user)));
  expect(proven).toMatchObject({
    status: 200,
    body: {
      user: {
        id: user.sub,
        email: emailOf(user),
        verified: true,
        active: true,
        firstName: "Ada",
        lastName: "Lovelace",
        data: { importSource: "cognito" },
      },
    },
  });
  await expect.poll(() => isProven(rig, user.sub)).toBe(true);
  for (const given of [connector(emailOf(user), "Not-The-One-9"), connector("nobody@example.com")])
    expect(await connected(rig, given)).toMatchObject({ status: 404, body: {} });
});

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["no address at all", undefined],
  [null, undefined],
])("FusionAuth's ipAddress %j is the person's for Cognito's threat protection", async (ipAddress, told) => {
  const requests: unknown[] = [];
  const onExchange = ({ operation, request }: Exchange) => {
    if (operation === "AdminInitiateAuth") requests.push(JSON.parse(request));
  };
  const rig = await startBridge({ ...ALL, onExchange });
  const user = await rig.add();
  await connected(rig, { ...connector(emailOf(user)), ipAddress });
  const last = requests.at(-1);
  if (told === undefined) expect(last).not.toHaveProperty("ContextData");
  else expect(last).toMatchObject({ ContextData: { IpAddress: told } });
});

test("FusionAuth's connector gets a 404 for whoever is not to come in", async () => {
  const rig = await startBridge(ALL);
  for (const parts of [{ challenge: "SMS_MFA" as const }, { enabled: false }, { emailVerified: false }]) {
    const user = await rig.add(parts);
    expect(await connected(rig, connector(emailOf(user)))).toMatchObject({ status: 404, body: {} });
    await rig.serving.bridge.context.afterAnswers.idle();
    expect(await isProven(rig, user.sub)).toBe(false);
  }
});

test("an outage, or an answer that takes too long, is a 503 for FusionAuth within a second", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const match = { operation: "AdminInitiateAuth" };
  rig.cognito.faults.replace({ match, times: 1, effect: { kind: "status", status: 500, body: {} } });
  expect((await rig.post("/fusionauth/connector", connector(emailOf(user)))).status).toBe(503);
  rig.cognito.faults.replace({ match, times: 1, effect: { kind: "hang" } });
  const beganAtMs = performance.now();
  expect((await rig.post("/fusionauth/connector", connector(emailOf(user)))).status).toBe(503);
  expect(performance.now() - beganAtMs).toBeLessThan(1_500);
});

test("limits that take too long are a 503 for FusionAuth within a second, and Cognito is not asked", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const answered = Promise.withResolvers<number>();
  // As a database that does not answer.
  rig.serving.bridge.context.limits.signIn.account = [() => answered.promise];
  expect((await rig.post("/fusionauth/connector", connector(emailOf(user)))).status).toBe(503);
  answered.resolve(0);
  await answered.promise;
  expect(rig.calls().cognito).toEqual([]);
});

test("a proof is no move: the person signs in as before, and it is told apart", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  expect((await rig.post("/password-hook", { identifier: emailOf(user), password: PASSWORD })).status).toBe(
    200,
  );
  await expect.poll(() => isProven(rig, user.sub)).toBe(true);
  expect(await moveOf(rig, user.sub)).toBeUndefined();
  expect(await rig.serving.bridge.context.metrics.text()).toContain("spillway_bridge_migrated_total 0");
  expect((await rig.signIn(emailOf(user))).status).toBe(200);
  expect(await moveOf(rig, user.sub)).toMatchObject({ movedAtMs: expect.any(Number) });
});

test("whom FusionAuth did not wait for has proven nothing", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const said = Promise.withResolvers<void>();
  const { passwords } = rig.serving.bridge.context.deps;
  const { check } = passwords;
  // Cognito says yes once the answer is out.
  passwords.check = async (...asked) => {
    const verdict = await check(...asked);
    await answered.promise;
    said.resolve();
    return verdict;
  };
  const answered = Promise.withResolvers<void>();
  expect((await rig.post("/fusionauth/connector", connector(emailOf(user)))).status).toBe(503);
  answered.resolve();
  await said.promise;
  await nothingUnderWay(rig);
  expect(await isProven(rig, user.sub)).toBe(false);
});

test.each([
  ["/password-hook", (identifier: string) => ({ identifier, password: PASSWORD })],
  ["/descope/verify", (email: string) => ({ email, password: PASSWORD })],
])("who hung up before the answer of %s has heard no proof", async (path, bodyOf) => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const { passwords } = rig.serving.bridge.context.deps;
  const { check } = passwords;
  passwords.check = async (...given) => {
    asked.resolve();
    await gone.promise;
    return check(...given);
  };
  const { hostname, port } = new URL(rig.url);
  const socket = connect(Number(port), hostname);
  const body = JSON.stringify(bodyOf(emailOf(user)));
  const head = [`POST ${path} HTTP/1.1`, "Host: bridge", `Authorization: Bearer ${SECRET}`];
  const lines = [...head, "Content-Type: application/json", `Content-Length: ${body.length}`, "", body];
  socket.write(lines.join("\r\n"));
  await asked.promise;
  socket.destroy();
  await once(socket, "close");
  gone.resolve();
  await expect.poll(() => rig.calls().cognito).toContain("AdminInitiateAuth 200");
  const proven = `outcome="proven"} 1`;
  await expect.poll(() => rig.serving.bridge.context.metrics.text()).toContain(proven);
  await nothingUnderWay(rig);
  expect(await isProven(rig, user.sub)).toBe(false);
});

/** What was answered by now is noted, if it is. */
async function nothingUnderWay(rig: BridgeRig): Promise<void> {
  await setImmediate();
  await rig.serving.bridge.context.afterAnswers.idle();
}

test("the password hook answers in Ory Kratos's words", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const ask = (password: string) => rig.post("/password-hook", { identifier: emailOf(user), password });
  expect(await ask(PASSWORD)).toMatchObject({ status: 200, body: { status: "password_match" } });
  expect(await ask("Not-The-One-9")).toMatchObject({ status: 403, body: {} });
  rig.cognito.faults.add({
    match: { operation: "AdminInitiateAuth" },
    times: 1,
    effect: { kind: "reset" },
  });
  expect((await ask(PASSWORD)).status).toBe(503);
});

test("Descope's connector gets the user, or what to show", async () => {
  const rig = await startBridge(ALL);
  const user = await rig.add();
  const ask = (email: string, password: string) => rig.post("/descope/verify", { email, password });
  expect(await ask(emailOf(user), PASSWORD)).toMatchObject({
    status: 200,
    body: {
      user: { loginId: emailOf(user), verifiedEmail: true, customAttributes: { cognitoSub: user.sub } },
    },
  });
  expect(await ask(emailOf(user), "Not-The-One-9")).toMatchObject({ status: 401 });
  const withFactor = await rig.add({ challenge: "SOFTWARE_TOKEN_MFA" });
  expect(await ask(emailOf(withFactor), PASSWORD)).toMatchObject({
    status: 403,
    body: { outcome: "second_factor", show: "contact" },
  });
});

test.each([
  ["/password-hook", "identifier"],
  ["/fusionauth/connector", "loginId"],
])("the time of a refusal at %s does not tell that the password was right", async (path, name) => {
  const refusalMs = 700;
  const rig = await startBridge({
    ...ALL,
    settings: { ...ALL.settings, SPILLWAY_BRIDGE_REFUSAL_MS: String(refusalMs) },
  });
  const user = await rig.add({ challenge: "SOFTWARE_TOKEN_MFA" });
  const beganAtMs = performance.now();
  const refused = await rig.post(path, { [name]: emailOf(user), password: PASSWORD });
  expect([403, 404, 503]).toContain(refused.status);
  // Timers may be a millisecond early.
  expect(performance.now() - beganAtMs).toBeGreaterThanOrEqual(refusalMs - 1);
});

test("Descope is told at once what a right password lacks", async () => {
  const rig = await startBridge({
    ...ALL,
    settings: { ...ALL.settings, SPILLWAY_BRIDGE_REFUSAL_MS: "9000" },
  });
  const user = await rig.add({ challenge: "SOFTWARE_TOKEN_MFA" });
  const beganAtMs = performance.now();
  const refused = await rig.post("/descope/verify", { email: emailOf(user), password: PASSWORD });
  expect(refused).toMatchObject({ status: 403, body: { outcome: "second_factor" } });
  expect(performance.now() - beganAtMs).toBeLessThan(9_000);
});

import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { emailOf, moveOf, PASSWORD, startBridge } from "./rig.ts";

const ALL = { SPILLWAY_BRIDGE_ROUTES: "sign-in,fusionauth,password-hook,descope" };

/** As FusionAuth's connector sends it. */
const connector = (loginId: string, password = PASSWORD) => ({
  loginId,
  password,
  applicationId: "85a03867-dccf-4882-adde-1a79aeec50df",
  ipAddress: "192.0.2.1",
});

test("FusionAuth's connector gets the user, or a 404", async () => {
  const rig = await startBridge({ settings: ALL });
  const user = await rig.add();
  const proven = await rig.post("/fusionauth/connector", connector(emailOf(user)));
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
  expect(await moveOf(rig, user.sub)).toMatchObject({ movedAtMs: expect.any(Number) });
  for (const given of [connector(emailOf(user), "Not-The-One-9"), connector("nobody@example.com")])
    expect(await rig.post("/fusionauth/connector", given)).toMatchObject({ status: 404, body: {} });
});

test("FusionAuth's connector gets a 404 for whoever is not to come in", async () => {
  const rig = await startBridge({ settings: ALL });
  for (const parts of [{ challenge: "SMS_MFA" as const }, { enabled: false }, { emailVerified: false }]) {
    const user = await rig.add(parts);
    const answer = await rig.post("/fusionauth/connector", connector(emailOf(user)));
    expect(answer).toMatchObject({ status: 404, body: {} });
    expect(await moveOf(rig, user.sub)).toBeUndefined();
  }
});

test("an outage, or an answer that takes too long, is a 503 for FusionAuth within a second", async () => {
  const rig = await startBridge({ settings: ALL });
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
  const rig = await startBridge({ settings: ALL });
  const user = await rig.add();
  const answered = Promise.withResolvers<number>();
  // As a database that does not answer.
  rig.serving.bridge.context.limits.account = () => answered.promise;
  expect((await rig.post("/fusionauth/connector", connector(emailOf(user)))).status).toBe(503);
  answered.resolve(0);
  await answered.promise;
  expect(rig.calls().cognito).toEqual([]);
});

test("whom FusionAuth did not wait for is not noted as moved", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_ROUTES: "fusionauth" } });
  const user = await rig.add();
  rig.cognito.faults.latencyMs = 1_200;
  const body = { loginId: emailOf(user), password: PASSWORD };
  expect((await rig.post("/fusionauth/connector", body)).status).toBe(503);
  // By then Cognito has said yes.
  await sleep(800);
  expect(await moveOf(rig, user.sub)).toBeUndefined();
});

test("the password hook answers in Ory Kratos's words", async () => {
  const rig = await startBridge({ settings: ALL });
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
  const rig = await startBridge({ settings: ALL });
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
    body: { outcome: "second_factor", show: "reset" },
  });
});

import { expect, test } from "vitest";
import { RecentThrottle } from "../../src/bridge/recent-throttle.ts";
import { asking } from "./asking-vendor.ts";
import { type Answered, type BridgeRig, emailOf, PASSWORD, type PersonParts, startBridge } from "./rig.ts";

/** Nobody whose password is not proven is told from anybody else. */

const ROUTES = { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope,password-hook,fusionauth" };
const WRONG_PASSWORD = "Not-The-One-9";

/** Everything of an answer but its date. */
function seen({ status, text, headers }: Answered) {
  return { status, text, headers: [...headers].filter(([name]) => name !== "date").toSorted() };
}

const cognitoSays = (type: string, message: string) => ({
  match: { operation: "AdminInitiateAuth" },
  times: 20,
  effect: { kind: "status" as const, status: 400, body: { __type: type, message } },
});

/** What Cognito says whatever the password is (aws/aws-sdk-js#4608, amazon-cognito-identity-js#288), and of too many tries. */
const BEFORE_PROOF = [
  ["UserNotConfirmedException", "User is not confirmed.", "unconfirmed"],
  ["PasswordResetRequiredException", "Password reset required for the user", "reset_pending"],
  ["NotAuthorizedException", "User is disabled.", "disabled"],
  ["NotAuthorizedException", "Password attempts exceeded", "locked_out"],
  [
    "NotAuthorizedException",
    "Temporary password has expired and must be reset by an administrator.",
    "reset_pending",
  ],
  ["NotAuthorizedException", "Unable to login because of security reasons.", "reset_pending"],
  ["NotAuthorizedException", "Request not allowed due to security reasons.", "reset_pending"],
  [
    "NotAuthorizedException",
    "User account has expired, it must be reset by an administrator.",
    "reset_pending",
  ],
  ["UserLambdaValidationException", "PreAuthentication failed with error No.", "disabled"],
] as const;

const DOORS = {
  "/sign-in": (email: string, password: string) => ({ email, password }),
  "/descope/verify": (email: string, password: string) => ({ email, password }),
  "/password-hook": (identifier: string, password: string) => ({ identifier, password }),
  "/fusionauth/connector": (loginId: string, password: string) => ({ loginId, password }),
};
type Path = keyof typeof DOORS;

async function somebody(rig: BridgeRig, parts: PersonParts, account?: "imported" | "has signed in") {
  const user = await rig.add(parts);
  if (account !== undefined)
    await rig.imported(user, account === "imported" ? {} : { lastSignInAt: new Date().toISOString() });
  return emailOf(user);
}

test.each(Object.keys(DOORS) as Path[])(
  "at %s every refusal looks like that of an unknown person",
  async (path) => {
    const rig = await startBridge({ vendors: [asking], settings: ROUTES });
    // On a busy machine an answer may take longer than FusionAuth waits: the person tries again.
    const ask = async (email: string, password: string): Promise<Answered> => {
      const answer = await rig.post(path, DOORS[path](email, password));
      return answer.status === 503 ? ask(email, password) : answer;
    };
    const unknown = seen(await ask("nobody@example.com", WRONG_PASSWORD));
    const people: [string, string][] = [
      [await somebody(rig, {}), WRONG_PASSWORD],
      [await somebody(rig, {}, "imported"), WRONG_PASSWORD],
      [await somebody(rig, { status: "EXTERNAL_PROVIDER" }), WRONG_PASSWORD],
    ];
    if (path === "/sign-in") people.push([await somebody(rig, {}, "has signed in"), PASSWORD]);
    for (const password of [WRONG_PASSWORD, PASSWORD])
      for (const parts of [{ enabled: false }, { status: "RESET_REQUIRED" }, { status: "UNCONFIRMED" }]) {
        people.push([await somebody(rig, parts), password]);
        people.push([await somebody(rig, parts, "imported"), password]);
      }
    for (const [email, password] of people) expect(seen(await ask(email, password))).toEqual(unknown);
    for (const [type, message] of BEFORE_PROOF) {
      rig.cognito.faults.replace(cognitoSays(type, message));
      expect(seen(await ask(await somebody(rig, {}), PASSWORD)), message).toEqual(unknown);
    }
  },
);

test("six wrong passwords look alike for somebody and for nobody", async () => {
  const rig = await startBridge();
  const email = await somebody(rig, {}, "imported");
  const answers: unknown[] = [];
  for (let tries = 0; tries < 6; tries += 1)
    for (const one of [email, "nobody@example.com"])
      answers.push(seen(await rig.signIn(one, WRONG_PASSWORD)));
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});

test.each(BEFORE_PROOF)("operators see %s: %s", async (type, message, code) => {
  const rig = await startBridge();
  rig.cognito.faults.add(cognitoSays(type, message));
  await rig.signIn(await somebody(rig, {}));
  const metrics = await (await fetch(`${rig.url}/metrics`)).text();
  expect(metrics).toContain(`spillway_bridge_requests_total{route="sign-in",outcome="${code}"} 1`);
});

test("a refusal waits, and neither a session nor what a right password has proven does", async () => {
  const settings = { SPILLWAY_BRIDGE_REFUSAL_MS: "5000" };
  const rig = await startBridge({ settings });
  const people = [await somebody(rig, {}), await somebody(rig, { challenge: "SMS_MFA" })];
  let isRefused = false;
  const refused = rig.signIn("nobody@example.com", WRONG_PASSWORD).then((answer) => {
    isRefused = true;
    return answer;
  });
  const proven = await Promise.all(people.map((email) => rig.signIn(email)));
  expect(proven.map(({ status }) => status)).toEqual([200, 403]);
  expect(isRefused).toBe(false);
  expect((await refused).status).toBe(401);
});

test("a try over the limits is told at once: refusals hold no more than those", async () => {
  const rig = await startBridge({
    settings: { SPILLWAY_BRIDGE_REFUSAL_MS: "10000", SPILLWAY_BRIDGE_TRIES_PER_ACCOUNT: "1" },
  });
  const first = rig.signIn("nobody@example.com", WRONG_PASSWORD);
  expect((await rig.signIn("nobody@example.com", WRONG_PASSWORD)).status).toBe(429);
  const isOver = await Promise.race([first.then(() => true), Promise.resolve(false)]);
  expect(isOver).toBe(false);
});

test("wrong passwords at once are answered alike for a stranger and for somebody who has signed in", async () => {
  const refusalMs = 600;
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_REFUSAL_MS: String(refusalMs) } });
  const known = await rig.add();
  await rig.imported(known, { lastSignInAt: "2026-01-01T00:00:00.000Z" });
  rig.cognito.faults.latencyMs = 250;
  for (const email of ["nobody@example.com", emailOf(known)]) {
    const beganAtMs = performance.now();
    const tries = Array.from({ length: 4 }, async (_, index) => {
      expect((await rig.signIn(email, `Wrong-${index}`)).status).toBe(401);
      return performance.now() - beganAtMs;
    });
    const tookMs = (await Promise.all(tries)).sort((one, other) => one - other);
    // Each waits for the whole time of those before it. Timers may be a millisecond early.
    for (const [index, ms] of tookMs.entries())
      expect(ms).toBeGreaterThanOrEqual((index + 1) * (refusalMs - 1));
  }
});

test("whoever signs in keeps nobody waiting behind them", async () => {
  const refusalMs = 9_000;
  const rig = await startBridge({
    settings: { SPILLWAY_BRIDGE_REFUSAL_MS: String(refusalMs) },
    workos: { options: { unlimited: true } },
  });
  const email = await somebody(rig, {});
  const beganAtMs = performance.now();
  const answers = await Promise.all(Array.from({ length: 5 }, () => rig.signIn(email)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(performance.now() - beganAtMs).toBeLessThan(refusalMs);
});

const busyOnce = { ...cognitoSays("TooManyRequestsException", "Rate exceeded"), times: 1 };

test("while Cognito is too busy, everybody with a wrong password hears the same, and the right one is taken", async () => {
  const rig = await startBridge();
  const [signedIn, removed] = [await rig.add(), await rig.add()];
  rig.workos.setPassword(await rig.imported(signedIn, { lastSignInAt: new Date().toISOString() }), PASSWORD);
  await rig.imported(removed, { isRemoved: true });
  const notYet = await rig.add();
  const people: [string, string][] = [
    [emailOf(signedIn), WRONG_PASSWORD],
    [emailOf(removed), WRONG_PASSWORD],
    // Cognito answers all of these.
    ["somebody.else@example.com", WRONG_PASSWORD],
    [emailOf(notYet), WRONG_PASSWORD],
    // But is not asked for a password of such a length.
    [emailOf(notYet), "x".repeat(300)],
    [await somebody(rig, {}, "imported"), WRONG_PASSWORD],
    [await somebody(rig, { enabled: false }), PASSWORD],
    [await somebody(rig, { status: "RESET_REQUIRED" }), PASSWORD],
  ];
  rig.cognito.faults.add(busyOnce);
  const unknown = await rig.signIn("nobody@example.com", WRONG_PASSWORD);
  expect(unknown).toMatchObject({ status: 429, body: { outcome: "throttled" } });
  const answers = await Promise.all(people.map(([email, password]) => rig.signIn(email, password)));
  for (const answer of answers) expect(seen(answer)).toEqual(seen(unknown));
  const metrics = await rig.serving.bridge.context.metrics.text();
  for (const code of ["disabled", "reset_pending"])
    expect(metrics).toContain(`spillway_bridge_requests_total{route="sign-in",outcome="${code}"} 1`);
  for (const user of [signedIn, notYet])
    expect(await rig.signIn(emailOf(user), PASSWORD)).toMatchObject({ status: 200 });
});

test("whoever was asked about before Cognito was too busy, and is still to be told, hears it as well", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_REFUSAL_MS: "4000" } });
  const before = rig.signIn(await somebody(rig, {}, "has signed in"), WRONG_PASSWORD);
  await expect.poll(() => rig.calls().workos.length).toBeGreaterThan(1);
  rig.cognito.faults.add(busyOnce);
  const unknown = await rig.signIn("nobody@example.com", WRONG_PASSWORD);
  expect(unknown.status).toBe(429);
  expect(seen(await before)).toEqual(seen(unknown));
});

test.each(["/password-hook", "/fusionauth/connector"] as const)(
  "while Cognito is too busy, a refusal at %s still does not tell that the password was right",
  async (path) => {
    const rig = await startBridge({ vendors: [asking], settings: ROUTES });
    const ask = async (email: string, password: string): Promise<Answered> => {
      const answer = await rig.post(path, DOORS[path](email, password));
      return answer.status === 503 ? ask(email, password) : answer;
    };
    const withFactor = await somebody(rig, { challenge: "SMS_MFA" });
    rig.cognito.faults.add(busyOnce);
    expect((await rig.signIn("nobody@example.com", WRONG_PASSWORD)).status).toBe(429);
    expect(seen(await ask(withFactor, PASSWORD))).toEqual(seen(await ask(withFactor, WRONG_PASSWORD)));
  },
);

test("a busy Cognito is forgotten in some seconds, by whoever asks then", () => {
  let nowMs = 0;
  const throttle = new RecentThrottle(() => nowMs);
  expect(throttle.wasSince(nowMs)).toBe(false);
  nowMs = 1_000;
  throttle.note();
  // Who began before, and who begins now; how long their work takes is nobody's business.
  nowMs = 60_000;
  expect([0, 1_000, 5_999].map((beganAtMs) => throttle.wasSince(beganAtMs))).toEqual([true, true, true]);
  expect(throttle.wasSince(6_001)).toBe(false);
});

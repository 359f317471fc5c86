import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, emailOf, PASSWORD, type RigWish, startBridge } from "./rig.ts";

/** Whoever was told of an outage has been told the truth: nothing begins for them afterwards. */

const TIMEOUT_MS = 1_500;
const OUTAGE = { status: 503, body: { outcome: "outage" } };

async function start(wish: RigWish = {}): Promise<BridgeRig> {
  const rig = await startBridge(wish);
  rig.serving.bridge.context.timeoutMs = TIMEOUT_MS;
  return rig;
}

const slow = (operation: string, ms: number, times = 1) => ({
  match: { operation },
  times,
  effect: { kind: "delay" as const, ms },
});

/** What is asked and done within a while after the answers. */
async function afterwards(rig: BridgeRig): Promise<{ cognito: string[]; workos: string[] }> {
  const before = rig.calls();
  await sleep(TIMEOUT_MS);
  const { cognito, workos } = rig.calls();
  return {
    cognito: cognito.slice(before.cognito.length),
    workos: workos.slice(before.workos.length),
  };
}

test("tries that wait for others are not made at Cognito once their callers were answered", async () => {
  const rig = await start();
  const user = await rig.add();
  await rig.imported(user);
  rig.workos.faults.add(slow("authenticate", TIMEOUT_MS * 0.6, 4));
  const tries = Array.from({ length: 8 }, (_, index) => rig.signIn(emailOf(user), `Wrong-${index}`));
  const answers = await Promise.all(tries);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  expect(await afterwards(rig)).toMatchObject({ cognito: [] });
});

test.each(["sign-in", "password-hook"])(
  "after a late answer of Cognito nothing begins at /%s",
  async (route) => {
    const rig = await start({
      settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,password-hook" },
      vendors: [asking],
    });
    const user = await rig.add();
    rig.cognito.faults.add(slow("AdminInitiateAuth", TIMEOUT_MS + 500));
    const name = route === "sign-in" ? "email" : "identifier";
    const answer = await rig.post(`/${route}`, { [name]: emailOf(user), password: PASSWORD });
    expect(answer).toMatchObject(OUTAGE);
    const { workos, cognito } = await afterwards(rig);
    expect(workos).toEqual([]);
    expect(cognito.filter((call) => !call.startsWith("AdminInitiateAuth"))).toEqual([]);
    expect(rig.workos.state().users).toEqual([]);
  },
);

test("no password is set once the caller was answered", async () => {
  const rig = await start();
  const user = await rig.add();
  const accountId = await rig.imported(user);
  rig.workos.faults.add(slow("getUserByExternalId", TIMEOUT_MS + 500));
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  await afterwards(rig);
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(false);
});

test("no account is made once the caller was answered", async () => {
  const rig = await start();
  const user = await rig.add();
  rig.cognito.faults.add(slow("ListUsers", TIMEOUT_MS + 500));
  expect(await rig.signIn(emailOf(user))).toMatchObject(OUTAGE);
  await afterwards(rig);
  expect(rig.workos.state().users).toEqual([]);
});

import { Hono } from "hono";
import { expect, onTestFinished, test } from "vitest";
import { whyNoMail } from "../../src/ledger/campaign.ts";
import { type DoubleEnv, serve } from "../doubles/shared/serve.ts";
import { type Fresh, testOnBoth } from "../ledger/ledgers.ts";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, emailOf, PASSWORD, type RigWish, startBridge } from "./rig.ts";

/** The limits through every door, on both ledgers. */

const EVE = "203.0.113.9";
const ADA = "198.51.100.1";
const ROUTES = { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope" };

const startOn = ({ url }: Fresh, wish: RigWish = {}) => startBridge({ ...wish, ledgerUrl: url });
const mailsOf = (rig: BridgeRig) =>
  rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;
const troubleOf = async ({ url }: BridgeRig, code: string) =>
  Number(new RegExp(`code="${code}"} (\\d+)`).exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0);
const idle = ({ serving }: Pick<BridgeRig, "serving">) => serving.bridge.context.afterAnswers.idle();

/** Where operators have their alerts sent. It is down for so many of them. */
async function alertReceiver(failing = 0) {
  const alerts: unknown[] = [];
  let calls = 0;
  const app = new Hono<DoubleEnv>();
  app.post("/", async (context) => {
    calls += 1;
    if (calls <= failing) return context.body(null, 503);
    alerts.push(await context.req.json());
    return context.body(null, 204);
  });
  const { url, close } = await serve(app);
  onTestFinished(() => close());
  return { url, alerts };
}

testOnBoth("an address over its limit spends nobody's tries, at any door", async (fresh) => {
  const rig = await startOn(fresh, {
    vendors: [asking],
    settings: { ...ROUTES, SPILLWAY_BRIDGE_TRIES_PER_ADDRESS: "3" },
  });
  const user = await rig.add();
  const tries = [
    ["/sign-in", { password: "Not-The-One-9" }],
    ["/forgot-password", {}],
    ["/descope/verify", { password: "Not-The-One-9" }],
  ] as const;
  for (const [path, more] of tries)
    await rig.post(path, { email: "nobody@example.com", ip_address: EVE, ...more });
  const counts = () => rig.ledger.read((db) => db.selectFrom("bridge_limits").selectAll().execute());
  const untouched = await counts();
  for (const [path, more] of [...tries, ...tries, ...tries]) {
    const answer = await rig.post(path, { email: emailOf(user), ip_address: EVE, ...more });
    expect(answer).toMatchObject({ status: 429, body: { outcome: "throttled" } });
  }
  // The address alone, where tries are counted in the ledger, and nothing of the account.
  const before = new Set(untouched.map((row) => JSON.stringify(row)));
  const touched = (await counts()).filter((row) => !before.has(JSON.stringify(row)));
  expect(touched.length).toBeLessThanOrEqual(1);
  // First: whoever has asked for a link may have a newer password.
  expect(
    (await rig.post("/sign-in", { email: emailOf(user), password: PASSWORD, ip_address: ADA })).status,
  ).toBe(200);
  expect((await rig.post("/forgot-password", { email: emailOf(user), ip_address: ADA })).status).toBe(202);
});

testOnBoth("twenty accounts from one address: ten mails, and one for whoever is elsewhere", async (fresh) => {
  const rig = await startOn(fresh);
  const people = [];
  for (let index = 0; index < 20; index += 1) people.push(await rig.add());
  const ask = (email: string, ip_address: string) => rig.post("/forgot-password", { email, ip_address });
  for (const user of people.slice(0, 12)) await ask(emailOf(user), EVE);
  await rig.serving.close();
  // What was asked for in an hour is known after a restart, and to other bridges.
  const { post, serving } = await rig.another();
  for (const user of people.slice(12)) {
    const answer = await post("/forgot-password", { email: emailOf(user), ip_address: EVE });
    expect(answer.status).toBe(429);
  }
  const known = await post("/forgot-password", {
    email: emailOf(people[19] ?? (await rig.add())),
    ip_address: ADA,
  });
  expect(known.status).toBe(202);
  await idle({ serving });
  expect(mailsOf(rig)).toBe(11);
});

testOnBoth(
  "the day's mails are for all bridges together: over them everybody hears the same, and nobody is mailed",
  async (fresh) => {
    const { url, alerts } = await alertReceiver();
    const settings = { SPILLWAY_BRIDGE_MAILS_PER_DAY: "2", SPILLWAY_ALERT_WEBHOOK: url };
    const rig = await startOn(fresh, { settings });
    const other = await rig.another();
    const people = [];
    for (let index = 0; index < 4; index += 1) people.push(await rig.add());
    const [one, two, three, four] = people.map(emailOf);
    for (const [bridge, email] of [
      [rig, one],
      [other, two],
      [rig, three],
      [other, four],
      [rig, "nobody@example.com"],
    ] as const) {
      const answer = await bridge.post("/forgot-password", { email });
      expect(answer).toMatchObject({ status: 202, body: { outcome: "accepted" } });
      await idle(bridge);
    }
    expect(mailsOf(rig)).toBe(2);
    // Once, whichever bridge comes to it first.
    expect(alerts).toEqual([
      {
        code: "mails_spent",
        sentence: expect.stringContaining("SPILLWAY_BRIDGE_MAILS_PER_DAY"),
        userPoolId: rig.cognito.pool.poolId,
      },
    ]);
    // Also of the unknown: what operators hear of must not tell who is known.
    expect(await troubleOf(rig, "mails_spent")).toBe(2);
    // Nothing was asked or made for them.
    expect(rig.calls().cognito.filter((entry) => entry.startsWith("ListUsers"))).toHaveLength(2);
    expect(rig.workos.state().users).toHaveLength(2);
    // Who got none is left to the campaign.
    const reasons = await Promise.all(
      people.map(({ sub }) => rig.ledger.read((db) => whyNoMail(db, rig.migrationId, { sub, userId: "" }))),
    );
    expect(reasons.map((reason) => reason === "asked_already")).toEqual([true, true, false, false]);
  },
);

test("where WorkOS's own quota is spent, operators hear of it once", async () => {
  const { url, alerts } = await alertReceiver();
  const rig = await startBridge({
    workos: { options: { dailyResets: 1 } },
    settings: { SPILLWAY_ALERT_WEBHOOK: url },
  });
  for (let index = 0; index < 3; index += 1)
    await rig.post("/forgot-password", { email: emailOf(await rig.add()) });
  await idle(rig);
  expect(mailsOf(rig)).toBe(1);
  expect(alerts).toMatchObject([{ code: "reset_daily_quota" }]);
  expect(await troubleOf(rig, "reset_daily_quota")).toBe(2);
});

test.each([1, 4])(
  "a webhook that fails %i times hears of the day's trouble all the same, once",
  async (failing) => {
    const { url, alerts } = await alertReceiver(failing);
    const rig = await startBridge({
      settings: { SPILLWAY_BRIDGE_MAILS_PER_DAY: "1", SPILLWAY_ALERT_WEBHOOK: url },
    });
    for (let index = 0; index < 4; index += 1) {
      await rig.post("/forgot-password", { email: emailOf(await rig.add()) });
      await idle(rig);
    }
    expect(alerts).toMatchObject([{ code: "mails_spent" }]);
  },
);

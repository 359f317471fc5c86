import { expect, test } from "vitest";
import { type BridgeRig, emailOf, keepPool, startBridge, useFile } from "./rig.ts";

/** People who signed up after the last snapshot and were brought by the bridge: only Cognito itself tells how they are. */

async function brought(fields: Parameters<BridgeRig["imported"]>[1] = {}) {
  const rig = await startBridge();
  const user = await rig.add({}, false);
  await rig.imported(user, fields);
  return { rig, user, email: emailOf(user) };
}

async function mailsFor(rig: BridgeRig, email: string): Promise<number> {
  const mails = () => rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;
  const before = mails();
  expect((await rig.post("/forgot-password", { email })).status).toBe(202);
  await rig.serving.bridge.context.afterAnswers.idle();
  return mails() - before;
}

const SINCE: [string, (people: Awaited<ReturnType<typeof brought>>) => unknown][] = [
  ["is disabled", ({ user }) => Object.assign(user, { enabled: false })],
  ["is of a pool that has second factors", ({ rig }) => keepPool(rig, { mfa: "ON" })],
  ["is not confirmed", ({ user }) => Object.assign(user, { status: "UNCONFIRMED" })],
  ["signs in at a provider only", ({ user }) => Object.assign(user, { status: "EXTERNAL_PROVIDER" })],
  ["has another address", ({ user }) => Object.assign(user.attributes, { email: "moved.on@example.com" })],
  ["is gone", ({ rig, user }) => rig.cognito.pool.users.splice(rig.cognito.pool.users.indexOf(user), 1)],
  ["is left out by name", ({ rig, user }) => useFile(rig, { users: { decisions: { [user.sub]: "skip" } } })],
];

test.each(SINCE)("somebody unlisted who %s by now is not mailed", async (_, change) => {
  const people = await brought();
  await change(people);
  expect(await mailsFor(people.rig, people.email)).toBe(0);
});

test("somebody unlisted who signed in to their account is not mailed once Cognito has disabled them", async () => {
  const { rig, user, email } = await brought({ lastSignInAt: "2026-01-01T00:00:00.000Z" });
  expect(await mailsFor(rig, email)).toBe(1);
  user.enabled = false;
  expect(await mailsFor(rig, email)).toBe(0);
});

test.each([
  [
    "gone from Cognito",
    ({ rig, user }) => rig.cognito.pool.users.splice(rig.cognito.pool.users.indexOf(user), 1),
  ],
  [
    "known by another address there",
    ({ user }) => Object.assign(user.attributes, { email: "moved.on@example.com" }),
  ],
] satisfies typeof SINCE)(
  "somebody unlisted who signs in to their account and is %s is WorkOS's by now",
  async (_, change) => {
    const people = await brought({ lastSignInAt: "2026-01-01T00:00:00.000Z" });
    await change(people);
    expect(await mailsFor(people.rig, people.email)).toBe(1);
    await useFile(people.rig, { users: { decisions: { [people.user.sub]: "skip" } } });
    expect(await mailsFor(people.rig, people.email)).toBe(0);
  },
);

test("somebody unlisted is mailed as Cognito has them, and not where Cognito does not answer", async () => {
  const { rig, email } = await brought();
  rig.cognito.faults.add({ match: { operation: "ListUsers" }, times: 1, effect: { kind: "reset" } });
  expect(await mailsFor(rig, email)).toBe(0);
  expect(await mailsFor(rig, email)).toBe(1);
});

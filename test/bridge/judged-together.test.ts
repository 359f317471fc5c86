import { expect, test } from "vitest";
import { MAX_CLUSTER } from "../../src/plan/decide.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, emailOf, nextRun, PASSWORD, startBridge } from "./rig.ts";

/** People who are judged together: what Cognito says today counts of each of them, whoever of them comes. */

const SIGNED_IN = { lastSignInAt: "2026-01-01T00:00:00.000Z" };

async function mailsFor(rig: BridgeRig, email: string): Promise<number> {
  const mails = () => rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;
  const before = mails();
  expect((await rig.post("/forgot-password", { email })).status).toBe(202);
  await rig.serving.bridge.context.afterAnswers.idle();
  return mails() - before;
}

const looks = (rig: BridgeRig) => rig.calls().cognito.filter((entry) => entry === "ListUsers 200").length;

/** Deletes somebody in Cognito. */
function leave({ cognito }: BridgeRig, user: PoolUser): void {
  cognito.pool.users.splice(cognito.pool.users.indexOf(user), 1);
}

/** The account is of somebody who signs in at a provider; who has a password is merged into them. */
async function merged(signedIn: Parameters<BridgeRig["imported"]>[1] = {}) {
  const rig = await startBridge();
  const owner = await rig.add({ status: "EXTERNAL_PROVIDER", createdAtMs: 1 });
  await rig.imported(owner, signedIn);
  const part = await rig.add({ email: emailOf(owner), createdAtMs: 2 });
  return { rig, owner, part, email: emailOf(owner) };
}

type Merged = Awaited<ReturnType<typeof merged>>;

const OF_THE_OWNER: [string, (people: Merged) => unknown][] = [
  ["is disabled today", ({ owner }) => Object.assign(owner, { enabled: false })],
  [
    "has another address today",
    ({ owner }) => Object.assign(owner.attributes, { email: "moved.on@example.com" }),
  ],
  [
    "has an unverified address today",
    ({ owner }) => Object.assign(owner.attributes, { email_verified: "false" }),
  ],
  ["is gone today", ({ rig, owner }) => leave(rig, owner)],
];

test.each(OF_THE_OWNER)(
  "nobody is mailed to the account of somebody who %s, though they are merged into them",
  async (_, change) => {
    for (const signedIn of [{}, SIGNED_IN]) {
      const people = await merged(signedIn);
      change(people);
      expect(await mailsFor(people.rig, people.email)).toBe(0);
    }
  },
);

const OF_THE_PART: typeof OF_THE_OWNER = [
  ["is disabled today", ({ part }) => Object.assign(part, { enabled: false })],
  ["is gone today", ({ rig, part }) => leave(rig, part)],
  [
    "has another address today",
    ({ part }) => Object.assign(part.attributes, { email: "moved.on@example.com" }),
  ],
];

test.each(OF_THE_PART)(
  "somebody merged who %s is not mailed, whoever has signed in to the account",
  async (_, change) => {
    const people = await merged(SIGNED_IN);
    change(people);
    expect(await mailsFor(people.rig, people.email)).toBe(0);
  },
);

test("somebody merged is mailed while both are as the snapshot has them", async () => {
  for (const signedIn of [{}, SIGNED_IN]) {
    const { rig, email } = await merged(signedIn);
    expect(await mailsFor(rig, email)).toBe(1);
    expect(looks(rig)).toBe(1);
  }
});

test.each([
  ["that nobody verified", { emailVerified: false }],
  ["that they verified", {}],
])(
  "an account of WorkOS's own is not mailed while somebody with its address, %s, is disabled today",
  async (_, parts) => {
    const rig = await startBridge();
    const first = await rig.add({ ...parts, createdAtMs: 1 });
    const email = emailOf(first);
    const other = await rig.add({ ...parts, email, createdAtMs: 2 });
    rig.workos.seed([{ email, email_verified: true, external_id: null }]);
    other.enabled = false;
    expect(await mailsFor(rig, email)).toBe(0);
    other.enabled = true;
    expect(await mailsFor(rig, email)).toBe(1);
  },
);

/** Two accounts with one address, of which the second is disabled since the snapshot. */
async function twoNewcomers(wish: Parameters<typeof startBridge>[0] = {}) {
  const rig = await startBridge(wish);
  const user = await rig.add({ createdAtMs: 1 });
  const other = await rig.add({ email: emailOf(user), createdAtMs: 2 });
  other.enabled = false;
  return { rig, other, email: emailOf(user) };
}

test("a newcomer whose other account is disabled today is neither made nor mailed", async () => {
  const { rig, other, email } = await twoNewcomers();
  expect(await mailsFor(rig, email)).toBe(0);
  expect(rig.workos.state().users).toEqual([]);
  other.enabled = true;
  expect(await mailsFor(rig, email)).toBe(1);
});

test.each(["/sign-in", "/descope/verify"])(
  "at %s a newcomer whose other account is disabled today waits for a decision",
  async (path) => {
    const wish = { vendors: [asking], settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope" } };
    const { rig, other, email } = await twoNewcomers(wish);
    const body = { email, password: PASSWORD };
    expect((await rig.post(path, body)).status).toBe(403);
    expect(rig.workos.state().users).toEqual([]);
    other.enabled = true;
    expect((await rig.post(path, body)).status).toBe(200);
  },
);

test("somebody left out by name is not mailed, though the newest snapshot lists them no more", async () => {
  const rig = await startBridge();
  const [user, other] = [await rig.add(), await rig.add()];
  await rig.imported(user, SIGNED_IN);
  await nextRun(rig, { users: { decisions: { [user.sub]: "skip" } } }, [{ user: other }]);
  expect(await mailsFor(rig, emailOf(user))).toBe(0);
  await nextRun(rig, {}, [{ user: other }]);
  expect(await mailsFor(rig, emailOf(user))).toBe(1);
});

/** Cognito lists 60 people a page. */
test("people who share an address with very many are asked about by pages, and whose account stands there alone", async () => {
  const rig = await startBridge();
  const user = await rig.add({ createdAtMs: 1 });
  const email = emailOf(user);
  for (let count = 0; count < 70; count += 1)
    await rig.add({ email, emailVerified: false, createdAtMs: 2 }, count < 12);
  expect(await mailsFor(rig, email)).toBe(1);
  expect(looks(rig)).toBe(2);
  expect(rig.workos.state().users).toMatchObject([{ external_id: user.sub }]);
  expect(await mailsFor(rig, email)).toBe(1);
  expect(looks(rig)).toBe(3);
});

test("somebody who shares their address with very many signs in", async () => {
  const rig = await startBridge();
  const user = await rig.add({ createdAtMs: 1 });
  const email = emailOf(user);
  for (let count = 0; count < 12; count += 1) await rig.add({ email, emailVerified: false, createdAtMs: 2 });
  expect(await rig.signIn(email)).toMatchObject({ status: 200, body: { outcome: "signed_in" } });
});

test("of more people with one address than the plan decides together nobody is made or mailed", async () => {
  const rig = await startBridge();
  const user = await rig.add({ createdAtMs: 1 });
  const email = emailOf(user);
  for (let count = 0; count < MAX_CLUSTER; count += 1)
    await rig.add({ email, emailVerified: false, createdAtMs: 2 }, false);
  expect(await mailsFor(rig, email)).toBe(0);
  expect(await rig.signIn(email)).toMatchObject({ status: 403, body: { reason: "decision_too_many" } });
  expect(rig.workos.state().users).toEqual([]);
  expect(looks(rig)).toBe(2 * Math.ceil((MAX_CLUSTER + 1) / 60));
});

test("whoever claimed an address at the snapshot and has moved on keeps nobody out, however many they were", async () => {
  const rig = await startBridge();
  const user = await rig.add({ createdAtMs: 1 });
  const email = emailOf(user);
  for (let count = 0; count < 12; count += 1) {
    const other = await rig.add({ email: email.toUpperCase(), emailVerified: false, createdAtMs: 2 });
    other.attributes.email = "moved.on@example.com";
  }
  expect(await rig.signIn(email)).toMatchObject({ status: 200, body: { outcome: "signed_in" } });
});

/** Somebody of the snapshot, and somebody who has come onto their address since. */
async function withSomebodyNew(isListed: boolean) {
  const rig = await startBridge({
    vendors: [asking],
    settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope" },
  });
  const user = await rig.add({ createdAtMs: 1 });
  const email = emailOf(user);
  const other = await rig.add({ email: "before@example.com", password: "Own-Horse-of-Carol-3" }, isListed);
  other.attributes.email = email;
  return { rig, user, other, email };
}

test.each([
  ["of the snapshot with another address", true],
  ["whom no snapshot lists", false],
])(
  "somebody %s who has moved onto an address and is disabled keeps out whoever has it",
  async (_, isListed) => {
    const { rig, other, email } = await withSomebodyNew(isListed);
    // Cognito takes the address of whoever signs in, as in a pool without names for it.
    other.attributes.email_verified = "false";
    other.enabled = false;
    expect(await mailsFor(rig, email)).toBe(0);
    for (const path of ["/sign-in", "/descope/verify"])
      expect(await rig.post(path, { email, password: PASSWORD })).toMatchObject({
        status: 403,
        body: { reason: "decision_disabled_member" },
      });
    expect(rig.workos.state().users).toEqual([]);
    other.enabled = true;
    expect((await rig.post("/descope/verify", { email, password: PASSWORD })).status).toBe(200);
    expect(await mailsFor(rig, email)).toBe(1);
  },
);

test.each([
  ["has moved on", true, ({ user }) => Object.assign(user.attributes, { email: "moved.on@example.com" })],
  ["has moved on", false, ({ user }) => Object.assign(user.attributes, { email: "moved.on@example.com" })],
  ["is gone", true, ({ rig, user }) => leave(rig, user)],
  ["is gone", false, ({ rig, user }) => leave(rig, user)],
] satisfies [string, boolean, (people: Awaited<ReturnType<typeof withSomebodyNew>>) => unknown][])(
  "whoever %s since the snapshot keeps no new owner of their address out, listed: %s",
  async (_, isListed, change) => {
    const people = await withSomebodyNew(isListed);
    change(people);
    const { rig, other, email } = people;
    for (const path of ["/descope/verify", "/sign-in"])
      expect((await rig.post(path, { email, password: "Own-Horse-of-Carol-3" })).status).toBe(200);
    expect(rig.workos.state().users).toMatchObject([{ external_id: other.sub, email }]);
  },
);

test("somebody who has left a shared address signs in at their own one", async () => {
  const rig = await startBridge();
  const first = await rig.add({ createdAtMs: 1 });
  const user = await rig.add({ email: emailOf(first), createdAtMs: 2 });
  user.attributes.email = "moved.on@example.com";
  expect((await rig.signIn(emailOf(user))).body).toMatchObject({ outcome: "signed_in" });
  expect(rig.workos.state().users).toMatchObject([{ external_id: user.sub, email: "moved.on@example.com" }]);
});

test("whoever is one person with somebody by an identity stays that, wherever they have moved", async () => {
  const rig = await startBridge();
  const google = await rig.add({ status: "EXTERNAL_PROVIDER", createdAtMs: 1 });
  const user = await rig.add({ email: emailOf(google), createdAtMs: 2 });
  const identities = [{ provider: "Google", userId: "1" }];
  await nextRun(rig, {}, [
    { user: google, identities },
    { user, identities },
  ]);
  await rig.imported(google);
  user.attributes.email = "moved.on@example.com";
  expect((await rig.signIn(emailOf(user))).status).toBe(403);
  expect(rig.workos.state().users).toHaveLength(1);
});

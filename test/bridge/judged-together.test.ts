import { expect, test } from "vitest";
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
    expect(looks(rig)).toBe(2);
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

test("where very many share an address no newcomer is made or mailed; whose account stands there is asked about alone", async () => {
  const rig = await startBridge();
  const user = await rig.add({ createdAtMs: 1 });
  const email = emailOf(user);
  for (let count = 0; count < 12; count += 1) await rig.add({ email, emailVerified: false, createdAtMs: 2 });
  expect(await mailsFor(rig, email)).toBe(0);
  expect(looks(rig)).toBe(0);
  expect(await (await fetch(`${rig.url}/metrics`)).text()).toContain(
    'spillway_bridge_trouble_total{code="source_not_asked"} 1',
  );
  expect((await rig.signIn(email)).status).toBe(503);
  expect(rig.workos.state().users).toEqual([]);
  await rig.imported(user);
  expect(await mailsFor(rig, email)).toBe(1);
  expect(looks(rig)).toBe(1);
});

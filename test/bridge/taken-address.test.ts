import { expect, test } from "vitest";
import { noteStanding } from "../../src/ledger/placed.ts";
import { recordFingerprint } from "../../src/plan/record.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { type BridgeRig, emailOf, nextRun, startBridge } from "./rig.ts";

/** Cognito lets people name another's address as their own, unverified: it must keep nobody out. */

async function forgot(rig: BridgeRig, email: string): Promise<void> {
  expect(await rig.post("/forgot-password", { email })).toMatchObject({ status: 202 });
  await rig.serving.bridge.context.afterAnswers.idle();
}

const LEFT_OUT: [string, boolean][] = [
  ["whoever took it is still in the plan", false],
  ["whoever took it is left out since", true],
];
const OWN_PASSWORD = "Own-Horse-of-Ada-3";

/** Somebody who was imported names the address of somebody who was not imported yet; the plan may leave them out since. */
async function takenAddress(leftOut: boolean): Promise<{ rig: BridgeRig; owner: PoolUser; taker: PoolUser }> {
  const rig = await startBridge();
  const taker = await rig.add();
  await rig.imported(taker);
  const owner = await rig.add({ password: OWN_PASSWORD });
  Object.assign(taker.attributes, { email: emailOf(owner), email_verified: "false" });
  const decisions = leftOut ? { [taker.sub]: "skip" as const } : {};
  await nextRun(rig, { users: { decisions } }, [{ user: taker }, { user: owner }]);
  return { rig, owner, taker };
}

test.each(LEFT_OUT)(
  "its owner signs in with the password that Cognito has of them (%s)",
  async (_, leftOut) => {
    const { rig, owner } = await takenAddress(leftOut);
    expect(await rig.signIn(emailOf(owner), OWN_PASSWORD)).toMatchObject({
      status: 200,
      body: { session: { user: { external_id: owner.sub } } },
    });
  },
);

test.each(LEFT_OUT)(
  "its owner is brought over and mailed when they forgot their password (%s)",
  async (_, leftOut) => {
    const { rig, owner } = await takenAddress(leftOut);
    await forgot(rig, emailOf(owner));
    expect(rig.workos.state().createdByExternalId).toEqual({ [owner.sub]: 1 });
    expect(rig.calls().workos).toContain("createPasswordReset 201");
  },
);

test.each(LEFT_OUT)(
  "nor is its owner somebody who signed up again, once whoever took it is gone from Cognito (%s)",
  async (_, leftOut) => {
    const { rig, owner } = await takenAddress(leftOut);
    await nextRun(rig, {}, [{ user: owner }]);
    expect((await rig.signIn(emailOf(owner), OWN_PASSWORD)).status).toBe(200);
  },
);

test.each(LEFT_OUT)("whoever took it is not let in by it (%s)", async (_, leftOut) => {
  const { rig, owner, taker } = await takenAddress(leftOut);
  expect((await rig.signIn(emailOf(taker))).status).toBe(401);
  expect(rig.workos.state().users.map(({ external_id }) => external_id)).not.toContain(owner.sub);
});

test("an unverified address under which an account was made stays that account's, though it was removed", async () => {
  const rig = await startBridge();
  const removed = await rig.add({ emailVerified: false });
  const later = await rig.add({ email: emailOf(removed), password: OWN_PASSWORD });
  const record = {
    externalId: removed.sub,
    email: emailOf(removed),
    emailVerified: false,
    firstName: null,
    lastName: null,
    metadata: {},
  };
  const fact = { destinationId: "user_gone", how: "created", details: null, firstClaimedAtMs: 1 } as const;
  const fingerprint = recordFingerprint(record);
  await rig.ledger.write((tx) =>
    noteStanding(tx, rig.migrationId, [{ kind: "user", key: removed.sub, fingerprint, ...fact }]),
  );
  expect((await rig.signIn(emailOf(later), OWN_PASSWORD)).status).toBe(401);
  await forgot(rig, emailOf(later));
  expect(rig.calls().cognito).toEqual([]);
  expect(rig.workos.state().users).toEqual([]);
});

import { expect, test } from "vitest";
import { MAX_CLUSTER } from "../../src/plan/decide.ts";
import { type BridgeRig, emailOf, keepPool, type RigWish, startBridge } from "./rig.ts";

/** Anybody can sign up at Cognito with somebody's address, unverified, as often as they like. */

const EMAIL = "carol@example.com";

async function claimed(rig: BridgeRig, email: string, times: number): Promise<void> {
  for (let claim = 0; claim < times; claim += 1)
    await rig.add({ email, emailVerified: false, status: "UNCONFIRMED", username: `claim-${claim}` }, false);
}

async function forgot(rig: BridgeRig): Promise<void> {
  expect(await rig.post("/forgot-password", { email: EMAIL })).toMatchObject({ status: 202 });
  await rig.serving.bridge.context.afterAnswers.idle();
}

const mailsOf = (rig: BridgeRig) =>
  rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;

const OWNERS: [string, Parameters<BridgeRig["add"]>[0], (rig: BridgeRig) => unknown][] = [
  ["is disabled", { enabled: false }, () => undefined],
  ["signs in at a provider only", { status: "EXTERNAL_PROVIDER" }, () => undefined],
  ["is of a pool with second factors", {}, (rig) => keepPool(rig, { mfa: "ON" })],
];

for (const listed of [true, false])
  test.each(OWNERS)(
    `behind more claims than are judged, whoever %s gets no mail; in the snapshot: ${listed}`,
    async (_, owner, change) => {
      const rig = await startBridge();
      await change(rig);
      rig.workos.seed([{ email: EMAIL, email_verified: false }]);
      // Cognito lists people by pages: more than a page over what is judged, and the owner comes last.
      await claimed(rig, EMAIL, MAX_CLUSTER + 100);
      await rig.add({ ...owner, email: EMAIL }, listed);
      await forgot(rig);
      expect(mailsOf(rig)).toBe(0);
    },
  );

test.each([
  ["EXTERNAL_PROVIDER", true],
  ["CONFIRMED", false],
  ["UNCONFIRMED", false],
  ["UNCONFIRMED", true],
])(
  "a claim of an address, unverified, %s and enabled %s, keeps no mail from whoever signs in with it at WorkOS",
  async (status, enabled) => {
    for (const listed of [true, false]) {
      const rig = await startBridge();
      const own = { email: EMAIL, email_verified: true, external_id: null };
      rig.workos.seed([{ ...own, last_sign_in_at: "2026-01-01T00:00:00.000Z" }]);
      await rig.add({ email: EMAIL, emailVerified: false, status, enabled }, listed);
      await forgot(rig);
      expect(mailsOf(rig)).toBe(1);
    }
  },
);

const PAGES: [string, NonNullable<RigWish["cognito"]>][] = [
  ["whole", {}],
  ["short and empty", { pages: { short: true, empty: true } }],
];

test.each(PAGES)(
  "whoever proves an address comes in behind 999 claims of it on %s pages",
  async (_, cognito) => {
    const rig = await startBridge({ cognito });
    const carol = await rig.add({ createdAtMs: 1 });
    await claimed(rig, emailOf(carol), MAX_CLUSTER - 1);
    expect(await rig.signIn(emailOf(carol))).toMatchObject({ status: 200 });
  },
);

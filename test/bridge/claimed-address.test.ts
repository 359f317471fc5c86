import { expect, test } from "vitest";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { asking } from "./asking-vendor.ts";
import { type BridgeRig, type RigWish, startBridge } from "./rig.ts";

/** In Cognito people can name any address as theirs, unverified: whoever proves it comes in all the same. */

const EMAIL = "carol@example.com";
const OWN = "Own-Horse-of-Carol-3";
const ROUTES = { vendors: [asking], settings: { SPILLWAY_BRIDGE_ROUTES: "sign-in,descope" } };

const BY_EMAIL: [string, RigWish][] = [
  ["whose usernames are addresses", {}],
  ["whose usernames are addresses in a certain case", { caseSensitive: true }],
  ["whose aliases are addresses", { usernameAttributes: [], aliasAttributes: ["email"] }],
];

const OWNERS: [string, (rig: BridgeRig) => Promise<PoolUser>][] = [
  ["signed up since the snapshot", (rig) => rig.add({ email: EMAIL, password: OWN }, false)],
  [
    "had another address then",
    async (rig) => {
      const carol = await rig.add({ email: "old.carol@example.com", password: OWN });
      carol.attributes.email = EMAIL;
      return carol;
    },
  ],
];

for (const [pool, wish] of BY_EMAIL)
  test.each(OWNERS)(`in a pool ${pool} a claim of the snapshot keeps out nobody who %s`, async (_, own) => {
    const rig = await startBridge({ ...ROUTES, ...wish });
    await rig.add({ email: EMAIL, emailVerified: false });
    const carol = await own(rig);
    expect((await rig.post("/descope/verify", { email: EMAIL, password: OWN })).status).toBe(200);
    expect(await rig.signIn(EMAIL, OWN)).toMatchObject({
      status: 200,
      body: { session: { user: { external_id: carol.sub } } },
    });
  });

test("where an address is no username, whoever verified it is asked about before somebody who claims it", async () => {
  const rig = await startBridge({ usernameAttributes: [] });
  await rig.add({ email: EMAIL, emailVerified: false, createdAtMs: 1 });
  const carol = await rig.add({ email: EMAIL, password: OWN, enabled: false, createdAtMs: 2 });
  // Enabled since the snapshot.
  carol.enabled = true;
  expect(await rig.signIn(EMAIL, OWN)).toMatchObject({
    status: 200,
    body: { session: { user: { external_id: carol.sub } } },
  });
});

test.each([
  ["an address is a username", ["email" as const]],
  ["an address is no username", []],
])(
  "where %s, whoever alone claims an address hears that it is not verified",
  async (_, usernameAttributes) => {
    const rig = await startBridge({ usernameAttributes });
    await rig.add({ email: EMAIL, emailVerified: false, password: OWN });
    expect(await rig.signIn(EMAIL, OWN)).toMatchObject({ status: 403, body: { outcome: "not_verified" } });
    expect(rig.workos.state().users).toEqual([]);
  },
);

import { expect, test } from "vitest";
import { writeDecisions } from "../../src/ledger/plan.ts";
import { setClusterKey } from "../../src/ledger/source-users.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { type BridgeRig, emailOf, nextRun, startBridge } from "./rig.ts";

/** What the next runs of a migration change at the bridge, and what they must not. */

const mails = (rig: BridgeRig) =>
  rig.calls().workos.filter((entry) => entry === "createPasswordReset 201").length;

async function forgot(rig: BridgeRig, email: string): Promise<void> {
  expect(await rig.post("/forgot-password", { email })).toMatchObject({ status: 202 });
  await rig.serving.bridge.context.afterAnswers.idle();
}

const withEmail = (user: PoolUser, email: string): PoolUser => ({
  ...user,
  attributes: { ...user.attributes, email },
});

test("whoever has another address in Cognito by now gets no mail at the old one", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "old@example.com" });
  await rig.imported(user);
  await nextRun(rig, {}, [{ user: withEmail(user, "new@example.com") }]);
  await forgot(rig, "old@example.com");
  expect(mails(rig)).toBe(0);
});

test("nor does whoever has the old address in Cognito today: the account is not theirs", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "old@example.com" });
  await rig.imported(user);
  const heir = await rig.add({ email: "old@example.com" }, false);
  await nextRun(rig, {}, [{ user: withEmail(user, "new@example.com") }, { user: heir }]);
  await forgot(rig, "old@example.com");
  expect(mails(rig)).toBe(0);
});

test("whoever is gone from Cognito gets no mail, once a whole snapshot says so", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  await nextRun(rig, {}, [], { whole: false });
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(1);
  await nextRun(rig, {}, []);
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(1);
});

test.each([
  ["has another address in Cognito", (user: PoolUser) => [{ user: withEmail(user, "new@example.com") }]],
  ["is gone from Cognito", () => []],
])("whoever signs in at WorkOS and %s is mailed at the account's address", async (_, listed) => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user, { lastSignInAt: "2026-01-01T00:00:00.000Z" });
  await nextRun(rig, {}, listed(user));
  await forgot(rig, emailOf(user));
  expect(mails(rig)).toBe(1);
});

test("a dry run of everybody lets in nobody beyond the pilot", async () => {
  const rig = await startBridge({ file: { only: { subs: ["nobody"] } } });
  const user = await rig.add();
  await nextRun(rig, { dryRun: true }, [{ user }]);
  const refused = { status: 403, body: { reason: "not_selected" } };
  expect(await rig.signIn(emailOf(user))).toMatchObject(refused);
  await forgot(rig, emailOf(user));
  expect(rig.workos.state().users).toEqual([]);
});

test("a dry run of few keeps out nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await nextRun(rig, { dryRun: true, only: { subs: ["nobody"] } }, [{ user }]);
  expect(await rig.signIn(emailOf(user))).toMatchObject({ status: 200 });
});

test("a dry run that would adopt adopts nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  rig.workos.seed([{ email: emailOf(user), email_verified: true, external_id: null }]);
  await nextRun(rig, { dryRun: true, users: { onExisting: "adopt" } }, [{ user }]);
  await rig.signIn(emailOf(user));
  expect(rig.workos.state().users).toMatchObject([{ external_id: null }]);
});

test("while every run was dry, the newest one's file counts", async () => {
  const rig = await startBridge({ file: { dryRun: true, only: { subs: ["nobody"] } } });
  const user = await rig.add();
  await nextRun(rig, { dryRun: true }, [{ user }]);
  expect(await rig.signIn(emailOf(user))).toMatchObject({ status: 200 });
});

const SHARED = [{ provider: "Acme", userId: "7" }];

test("accounts that share an identity are decided together before the plan has joined them", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "able@example.com" });
  const disabled = await rig.add({ email: "off@example.com", enabled: false });
  const listed = [
    { user, identities: SHARED },
    { user: disabled, identities: SHARED },
  ];
  await nextRun(rig, {}, listed, { whole: false });
  const refused = { status: 403, body: { reason: "decision_disabled_member" } };
  expect(await rig.signIn("able@example.com")).toMatchObject(refused);
  await forgot(rig, "able@example.com");
  expect(rig.workos.state().users).toEqual([]);
  await rig.ledger.write((tx) =>
    setClusterKey(tx, rig.migrationId, [user.sub, disabled.sub], "off@example.com"),
  );
  expect(await rig.signIn("able@example.com")).toMatchObject(refused);
});

test.each([
  ["earlier", 1],
  ["later", 3],
])(
  "an unverified account joins nobody to whoever has its address, though they signed up %s",
  async (_, at) => {
    const rig = await startBridge();
    const owner = await rig.add({ createdAtMs: 2 });
    const linked = await rig.add({ createdAtMs: at });
    const federated = await rig.add({
      status: "EXTERNAL_PROVIDER",
      email: emailOf(owner),
      emailVerified: false,
    });
    await nextRun(rig, {}, [
      { user: owner },
      { user: linked, identities: SHARED },
      { user: federated, identities: SHARED },
    ]);
    expect(await rig.signIn(emailOf(owner))).toMatchObject({ status: 200 });
    expect(await rig.signIn(emailOf(linked))).toMatchObject({ status: 200 });
  },
);

test("an unverified account comes to those whom it is linked to, without whoever else has its address", async () => {
  const rig = await startBridge();
  const owner = await rig.add({ enabled: false });
  const unverified = await rig.add({ email: emailOf(owner), emailVerified: false });
  const linked = await rig.add();
  const off = await rig.add({ email: "off@example.com", emailVerified: false, enabled: false });
  const disabled = await rig.add();
  await nextRun(rig, {}, [
    { user: owner },
    { user: unverified, identities: SHARED },
    { user: linked, identities: SHARED },
    { user: off, identities: [{ provider: "Acme", userId: "8" }] },
    { user: disabled, identities: [{ provider: "Acme", userId: "8" }] },
  ]);
  expect(await rig.signIn(emailOf(linked))).toMatchObject({ status: 200 });
  const refused = { status: 403, body: { reason: "decision_disabled_member" } };
  expect(await rig.signIn(emailOf(disabled))).toMatchObject(refused);
});

test("whoever verified their address since the snapshot is joined by what Cognito says of them now", async () => {
  const rig = await startBridge();
  const user = await rig.add({ emailVerified: false });
  const disabled = await rig.add({ enabled: false });
  await nextRun(rig, {}, [
    { user, identities: SHARED },
    { user: disabled, identities: SHARED },
  ]);
  user.attributes.email_verified = "true";
  const refused = { status: 403, body: { reason: "decision_disabled_member" } };
  expect(await rig.signIn(emailOf(user))).toMatchObject(refused);
});

test.each([
  ["gets a mail for one with a password, who is part of them", {}, 1],
  ["gets none for one that is disabled", { enabled: false }, 0],
  ["gets none for one that nobody verified", { emailVerified: false }, 0],
])("an account that came from a provider %s, where both have the address", async (_, parts, count) => {
  const rig = await startBridge();
  const federated = await rig.add({ status: "EXTERNAL_PROVIDER" });
  await rig.imported(federated);
  const native = await rig.add({ email: emailOf(federated), ...parts });
  await nextRun(rig, {}, [{ user: federated }, { user: native }]);
  expect((await rig.signIn(emailOf(native))).status).not.toBe(200);
  await forgot(rig, emailOf(native));
  expect(mails(rig)).toBe(count);
});

test("an account that came from a provider is not mailed for one that a person took out by name", async () => {
  const rig = await startBridge();
  const federated = await rig.add({ status: "EXTERNAL_PROVIDER" });
  await rig.imported(federated);
  const native = await rig.add({ email: emailOf(federated) });
  const decisions = { [native.sub]: "skip" as const };
  await nextRun(rig, { users: { decisions } }, [{ user: federated }, { user: native }]);
  expect(await rig.signIn(emailOf(native))).toMatchObject({ body: { reason: "decided_skip" } });
  await forgot(rig, emailOf(native));
  expect(mails(rig)).toBe(0);
});

test("people are known while a snapshot is under way, though the run before it was cancelled", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "shared@example.com" });
  const disabled = await rig.add({ email: "shared@example.com", enabled: false });
  await nextRun(rig, {}, [{ user }, { user: disabled }]);
  await nextRun(rig, {}, [], { whole: false });
  await nextRun(rig, {}, [], { whole: false });
  const refused = { status: 403, body: { reason: "decision_disabled_member" } };
  expect(await rig.signIn("shared@example.com")).toMatchObject(refused);
});

const choose = (rig: BridgeRig, generation: number, subs: readonly string[]) =>
  rig.ledger.write((tx) =>
    writeDecisions(
      tx,
      { migrationId: rig.migrationId, generation },
      subs.map((sub) => ({ sub, action: "create", reason: null, mergeInto: null, fingerprint: "f" })),
    ),
  );

test("whoever is in the pilot comes in while the next run of it plans anew, and not if that one has another pilot", async () => {
  const only = { limit: 5 };
  const rig = await startBridge({ file: { only } });
  const user = await rig.add();
  const other = await rig.add();
  await choose(rig, 1, [user.sub, other.sub]);
  await nextRun(rig, { only }, [{ user }, { user: other }]);
  expect(await rig.signIn(emailOf(user))).toMatchObject({ status: 200 });
  await nextRun(rig, { dryRun: true, only: { limit: 1 } }, [{ user }, { user: other }]);
  await nextRun(rig, { only: { limit: 1 } }, [{ user }, { user: other }]);
  const refused = { status: 403, body: { reason: "not_selected" } };
  expect(await rig.signIn(emailOf(other))).toMatchObject(refused);
  await choose(rig, 4, [other.sub]);
  expect(await rig.signIn(emailOf(other))).toMatchObject({ status: 200 });
});

test("somebody who took another address since stays the one account of whom a link joins to them", async () => {
  const rig = await startBridge();
  const mover = await rig.add({ createdAtMs: 1 });
  await rig.imported(mover);
  const linked = await rig.add({ createdAtMs: 2 });
  const people = [
    { user: mover, identities: SHARED },
    { user: linked, identities: SHARED },
  ];
  Object.assign(mover.attributes, { email: "new@example.com", email_verified: "false" });
  await nextRun(rig, {}, people);
  expect(await rig.signIn(emailOf(linked))).toMatchObject({
    status: 403,
    body: { reason: "unverified_duplicate" },
  });
  expect(rig.workos.state().users).toHaveLength(1);
});

test("whoever is joined over two links is the same person before the plan as after it", async () => {
  const rig = await startBridge();
  const [first, between, imported] = [
    await rig.add({ createdAtMs: 1 }),
    await rig.add({ createdAtMs: 2 }),
    await rig.add({ createdAtMs: 3 }),
  ];
  await rig.imported(imported);
  const other = [{ provider: "Acme", userId: "8" }];
  await nextRun(rig, {}, [
    { user: first, identities: SHARED },
    { user: between, identities: [...SHARED, ...other] },
    { user: imported, identities: other },
  ]);
  expect(await rig.signIn(emailOf(first))).toMatchObject({
    status: 403,
    body: { reason: "merged_same_email" },
  });
});

test.each([false, true])(
  "whoever took one of a person's addresses since, unverified, keeps them out of none (joined: %s)",
  async (isJoined) => {
    const rig = await startBridge();
    const taker = await rig.add({ createdAtMs: 1 });
    await rig.imported(taker);
    const person = await rig.add({ createdAtMs: 2 });
    const home = await rig.add({ createdAtMs: 3, status: "EXTERNAL_PROVIDER" });
    Object.assign(taker.attributes, { email: emailOf(home), email_verified: "false" });
    const identities = [{ provider: "Acme", userId: "7" }];
    await nextRun(rig, {}, [{ user: taker }, { user: person, identities }, { user: home, identities }]);
    const join = [person.sub, home.sub];
    if (isJoined) await rig.ledger.write((tx) => setClusterKey(tx, rig.migrationId, join, emailOf(person)));
    expect(await rig.signIn(emailOf(person))).toMatchObject({ status: 200 });
  },
);

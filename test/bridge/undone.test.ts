import { expect, test } from "vitest";
import { disownMigration, ownForUndo, readMigration } from "../../src/ledger/runs.ts";
import { heldWhile } from "./held.ts";
import { type BridgeRig, emailOf, PASSWORD, startBridge } from "./rig.ts";

/** While a migration is undone, and after it, the bridge moves nobody. */

async function beginUndo({ ledger, migrationId }: BridgeRig): Promise<void> {
  const owner = { namespace: "default", workflowId: "w", firstRunId: "undo" };
  await ledger.write(async (tx) => {
    const migration = await readMigration(tx, migrationId);
    const { userPoolId } = migration.file.source;
    const undo = {
      userPoolId,
      destination: migration.file.destination,
      confirm: userPoolId,
      signedInSince: "keep" as const,
    };
    await ownForUndo(tx, undo, owner, migration);
  });
}

test("nobody is signed in, made or mailed once an undo has begun", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await beginUndo(rig);
  const refused = await rig.signIn(user.attributes.email, PASSWORD);
  expect(refused.status).toBe(503);
  expect((await rig.post("/forgot-password", { email: user.attributes.email })).status).toBe(503);
  await rig.ledger.write((tx) => disownMigration(tx, rig.migrationId, "undo"));
  expect((await rig.signIn(user.attributes.email, PASSWORD)).status).toBe(503);
  expect(rig.workos.users.size).toBe(0);
});

test("a sign-in under way when an undo begins sets no password and signs nobody in", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const accountId = await rig.imported(user);
  const signIn = async () =>
    expect(await rig.signIn(emailOf(user))).toMatchObject({ status: 503, body: { outcome: "outage" } });
  await heldWhile(rig, "AdminInitiateAuth", signIn, () => beginUndo(rig));
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(false);
  expect(await rig.ledger.read((db) => db.selectFrom("bridge_moves").select("sub").execute())).toEqual([]);
});

test.each([true, false])(
  "what an answer left to do when an undo begins mails nobody (imported: %s)",
  async (isImported) => {
    const rig = await startBridge();
    const user = await rig.add();
    if (isImported) await rig.imported(user);
    const before = rig.workos.users.size;
    const ask = async () =>
      expect((await rig.post("/forgot-password", { email: emailOf(user) })).status).toBe(202);
    await heldWhile(rig, "ListUsers", ask, () => beginUndo(rig));
    expect(rig.calls().workos.filter((call) => call.startsWith("createPasswordReset"))).toEqual([]);
    expect(rig.workos.users.size).toBe(before);
    expect(await rig.ledger.read((db) => db.selectFrom("mails").select("sub").execute())).toEqual([]);
  },
);

test("what an answer left to do begins nothing after its time, for which an undo waits", async () => {
  const rig = await startBridge();
  const { context } = rig.serving.bridge;
  context.timeoutMs = 1_500;
  const user = await rig.add();
  rig.cognito.faults.add({
    match: { operation: "ListUsers" },
    times: 1,
    effect: { kind: "delay", ms: 2_500 },
  });
  expect((await rig.post("/forgot-password", { email: emailOf(user) })).status).toBe(202);
  await context.afterAnswers.idle();
  expect(rig.workos.users.size).toBe(0);
  expect(rig.calls().workos.filter((call) => call.startsWith("createPasswordReset"))).toEqual([]);
});

import { expect, test } from "vitest";
import { disownMigration, ownForUndo, readMigration } from "../../src/ledger/runs.ts";
import { PASSWORD, startBridge } from "./rig.ts";

/** While a migration is undone, and after it, the bridge moves nobody. */

test("nobody is signed in, made or mailed once an undo has begun", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const owner = { namespace: "default", workflowId: "w", firstRunId: "undo" };
  await rig.ledger.write(async (tx) => {
    const migration = await readMigration(tx, rig.migrationId);
    const { userPoolId } = migration.file.source;
    const undo = {
      userPoolId,
      destination: migration.file.destination,
      confirm: userPoolId,
      signedInSince: "keep" as const,
    };
    await ownForUndo(tx, undo, owner, migration);
  });
  const refused = await rig.signIn(user.attributes.email, PASSWORD);
  expect(refused.status).toBe(503);
  expect((await rig.post("/forgot-password", { email: user.attributes.email })).status).toBe(503);
  await rig.ledger.write((tx) => disownMigration(tx, rig.migrationId, "undo"));
  expect((await rig.signIn(user.attributes.email, PASSWORD)).status).toBe(503);
  expect(rig.workos.users.size).toBe(0);
});

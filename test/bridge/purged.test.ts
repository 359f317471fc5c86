import { expect, test } from "vitest";
import { beginPurge, endPurge, removePersonalData } from "../../src/ledger/purge.ts";
import { disownMigration, readMigration, runOf } from "../../src/ledger/runs.ts";
import { type BridgeRig, emailOf, nextRun, startBridge } from "./rig.ts";

/** What the bridge does for people of whom the ledger knows no more than an id. */

async function purge({ ledger, migrationId }: BridgeRig): Promise<void> {
  const owned = await ledger.read((db) => readMigration(db, migrationId));
  await ledger.write((tx) => disownMigration(tx, migrationId, owned.owner?.firstRunId ?? ""));
  const migration = await ledger.read((db) => readMigration(db, migrationId));
  expect(await ledger.write((tx) => beginPurge(tx, migration, false))).toBe(true);
  await removePersonalData(ledger, runOf(migration), false);
  await ledger.write((tx) => endPurge(tx, migrationId));
}

const outage = { status: 503, body: { outcome: "outage", show: "later" } };

test("after a purge whoever has moved signs in, and nobody else, until a run has read the pool again", async () => {
  const rig = await startBridge();
  const moved = await rig.add();
  expect(await rig.signIn(emailOf(moved))).toMatchObject({ status: 200 });
  const waiting = await rig.add();
  await purge(rig);

  expect(await rig.signIn(emailOf(moved))).toMatchObject({ status: 200 });
  expect(await rig.signIn(emailOf(waiting))).toMatchObject(outage);
  expect(await rig.post("/forgot-password", { email: emailOf(waiting) })).toMatchObject(outage);
  const ready = await fetch(`${rig.url}/readyz`);
  expect(await ready.json()).toMatchObject({ ready: true, ledger: "purged" });
  expect(rig.workos.state().users).toHaveLength(1);

  await nextRun(rig, {}, [{ user: moved }], { whole: false });
  expect(await rig.signIn(emailOf(waiting))).toMatchObject(outage);
  await nextRun(rig, {}, [{ user: moved }, { user: waiting }]);
  expect(await rig.signIn(emailOf(waiting))).toMatchObject({ status: 200 });
  expect(await rig.signIn(emailOf(moved))).toMatchObject({ status: 200 });
  expect(rig.workos.state().users).toHaveLength(2);
});

test("whoever was disabled since a purge is let in by nobody", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await purge(rig);
  user.enabled = false;
  expect(await rig.signIn(emailOf(user))).toMatchObject(outage);
  await nextRun(rig, {}, [{ user }]);
  expect((await rig.signIn(emailOf(user))).status).not.toBe(200);
  expect(rig.workos.state().users).toEqual([]);
});

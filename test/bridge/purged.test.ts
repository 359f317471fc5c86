import { expect, test } from "vitest";
import { beginPurge, endPurge, removePersonalData } from "../../src/ledger/purge.ts";
import { disownMigration, readMigration } from "../../src/ledger/runs.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { until } from "../faults/until.ts";
import { columnsHolding } from "../ledger/every-value.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { asking } from "./asking-vendor.ts";
import { heldWhile } from "./held.ts";
import { type BridgeRig, call, emailOf, nextRun, PASSWORD, startBridge } from "./rig.ts";

/** What the bridge does for people of whom the ledger knows no more than an id. */

async function purge({ ledger, migrationId }: BridgeRig, withIdMap = false): Promise<void> {
  const owned = await ledger.read((db) => readMigration(db, migrationId));
  await ledger.write((tx) => disownMigration(tx, migrationId, owned.owner?.firstRunId ?? ""));
  const migration = await ledger.read((db) => readMigration(db, migrationId));
  const hold = await ledger.write((tx) => beginPurge(tx, migration, withIdMap));
  if (hold === null) throw new Error("No purge began.");
  await removePersonalData(ledger, hold, withIdMap);
  await ledger.write((tx) => endPurge(tx, hold));
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

/** What stands of somebody in the ledger, and whom WorkOS got to know. */
async function knownOf({ ledger, workos }: BridgeRig, user: PoolUser) {
  const columns = [
    ...(await columnsHolding(ledger, user.sub)),
    ...(await columnsHolding(ledger, emailOf(user))),
  ];
  return { columns, accounts: workos.users.size };
}

for (const [kind, ledgerUrl] of [
  ["SQLite", async () => undefined],
  ["PostgreSQL", freshPostgresDatabase],
] as const) {
  test.each(["AdminInitiateAuth", "ListUsers"])(
    `a sign-in under way when a purge begins, at %s, writes nobody back and makes no account (${kind})`,
    async (operation) => {
      const url = await ledgerUrl();
      const rig = await startBridge(url === undefined ? {} : { ledgerUrl: url });
      const user = await rig.add();
      const signIn = async () => expect(await rig.signIn(emailOf(user))).toMatchObject(outage);
      await heldWhile(rig, operation, signIn, () => purge(rig, true));
      expect(await knownOf(rig, user)).toEqual({ columns: [], accounts: 0 });
    },
  );
}

test.each([true, false])(
  "what an answer left to do when a purge begins mails nobody and makes no account (imported: %s)",
  async (isImported) => {
    const rig = await startBridge();
    const user = await rig.add();
    if (isImported) await rig.imported(user);
    const before = rig.workos.users.size;
    const ask = async () =>
      expect((await rig.post("/forgot-password", { email: emailOf(user) })).status).toBe(202);
    await heldWhile(rig, "ListUsers", ask, () => purge(rig, true));
    expect(rig.calls().workos.filter((call) => call.startsWith("createPasswordReset"))).toEqual([]);
    expect(await knownOf(rig, user)).toEqual({ columns: [], accounts: before });
    const metrics = await (await fetch(`${rig.url}/metrics`)).text();
    expect(metrics).toContain(`trouble_total{code="${isImported ? "purged" : "outage"}"} 1`);
  },
);

test("a password under proof when a purge begins is no proof, and notes nobody", async () => {
  const rig = await startBridge({ settings: { SPILLWAY_BRIDGE_ROUTES: "password-hook" }, vendors: [asking] });
  const user = await rig.add();
  await rig.imported(user);
  const ask = async () => {
    const asked = { identifier: emailOf(user), password: PASSWORD };
    expect((await rig.post("/password-hook", asked)).status).toBe(503);
  };
  await heldWhile(rig, "AdminInitiateAuth", ask, () => purge(rig, true));
  expect((await knownOf(rig, user)).columns).toEqual([]);
});

/** The owner of an account sets a new password by a link of WorkOS. */
async function completeReset({ workos }: BridgeRig, email: string): Promise<void> {
  const at = async (path: string, body: object) => {
    const headers = { authorization: `Bearer ${workos.key}` };
    const answer = await call(workos.url, `/user_management/password_reset${path}`, body, headers);
    expect(answer.status).toBeLessThan(300);
    return answer.body;
  };
  const { password_reset_token: token } = await at("", { email });
  await at("/confirm", { token, new_password: "Brand-New-Staple-8" });
}

test.each([true, false])(
  "a bridge that lives on after a purge copies no resets and asks for none (id map: %s)",
  async (withIdMap) => {
    const rig = await startBridge();
    const user = await rig.add();
    await rig.imported(user);
    await rig.serving.bridge.copyResets();
    await purge(rig, withIdMap);
    const counted = () => rig.calls().workos.filter((name) => name.startsWith("listEvents")).length;
    const before = counted();
    await completeReset(rig, emailOf(user));
    await rig.serving.bridge.copyResets();
    expect(counted()).toBe(before);
    expect(await copied(rig)).toEqual([]);
  },
);

test("events that were asked for before a purge begins are not copied after it", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  await rig.imported(user);
  await completeReset(rig, emailOf(user));
  const { promise, resolve: release } = Promise.withResolvers<void>();
  rig.workos.faults.add({
    match: { operation: "listEvents" },
    times: 1,
    effect: { kind: "hold", until: promise },
  });
  const copying = rig.serving.bridge.copyResets();
  await until("events are asked for", () => rig.calls().workos.some((name) => name.startsWith("listEvents")));
  await purge(rig, true);
  release();
  await copying;
  expect(await copied(rig)).toEqual([]);
});

/** Accounts whose owners completed a reset, and how far events were copied. */
async function copied({ ledger }: BridgeRig) {
  return ledger.read(async (db) => [
    ...(await db.selectFrom("completed_resets").selectAll().execute()),
    ...(await db.selectFrom("event_positions").selectAll().execute()),
  ]);
}

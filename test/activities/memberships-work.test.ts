import { expect } from "vitest";
import { membershipsWork } from "../../src/activities/memberships/memberships-work.ts";
import { planObjects } from "../../src/activities/plan/plan-objects.ts";
import type { RunRef } from "../../src/domain/contract.ts";
import { noteAccount } from "../../src/ledger/bridge.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { addItems, type ClaimedItem, type WorkRange } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { madeOf, seedItems, subOf, testOnBoth } from "../ledger/ledgers.ts";
import { ownedRun } from "./owned-run.ts";

/** Whose memberships are looked up before they are made: a create gives back one that was taken away. */

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const LONG_AGO_MS = 1;
const FENCE = 1;
const SUB = subOf(1);

/** A run with the organization "acme", before its users. */
async function begin(ledger: Ledger): Promise<{ run: RunRef; users: WorkRange }> {
  const file = migrationOf({ source: SOURCE, destination: { kind: "workos" } });
  const identity = { poolId: SOURCE.userPoolId, destinationKind: "many", environment: "env" };
  const run = await ownedRun(ledger, identity, file, "r");
  const { migrationId, generation } = run;
  const acme = { kind: "organization", key: "acme", destinationId: "org_acme" } as const;
  const standing = { how: "created", fingerprint: "f", details: null, firstClaimedAtMs: 1 } as const;
  await ledger.write((tx) => noteStanding(tx, migrationId, [{ ...acme, ...standing }]));
  return { run, users: { migrationId, generation, phase: "users", from: 1, to: 1 } };
}

/** Whether the membership of the one user is looked up before anything is sent. */
async function isLookedUp(ledger: Ledger, run: RunRef): Promise<boolean> {
  const data = { sub: SUB, organization: "acme", roles: [] };
  const membership = { kind: "membership" as const, key: membershipKey(data), data };
  await ledger.write((tx) => planObjects(tx, run, "memberships", [membership], false));
  const range = { ...run, phase: "memberships", from: 1, to: 1 } as const;
  const items = await ledger.write((tx) => claim(tx, range, FENCE, 1));
  const destination = partial.connect({ url: "http://127.0.0.1:1" });
  const [prepared] = await membershipsWork(
    ledger,
    destination,
    run,
    migrationOf({ source: SOURCE, destination: { kind: "workos" } }),
  ).prepare(items);
  if (prepared === undefined || !("record" in prepared)) throw new Error("Nothing is sent.");
  return prepared.mayExist ?? false;
}

async function claimed(ledger: Ledger, users: WorkRange): Promise<ClaimedItem> {
  const [item] = await ledger.write((tx) => claim(tx, users, FENCE, 1));
  if (item === undefined) throw new Error("Nobody is in the queue.");
  return item;
}

testOnBoth("an account that this run's own queue made has no membership yet", async ({ open }) => {
  const ledger = await open();
  const { run, users } = await begin(ledger);
  await seedItems(ledger, 1, run.migrationId, run.generation);
  const item = await claimed(ledger, users);
  await ledger.write((tx) => settle(tx, users, FENCE, [madeOf(item)]));
  expect(await isLookedUp(ledger, run)).toBe(false);
});

testOnBoth(
  "an account whose create was in doubt since long ago may have been used since",
  async ({ open }) => {
    const ledger = await open();
    const { run, users } = await begin(ledger);
    const item = { kind: "user", key: SUB, intent: "create", doubtSinceMs: LONG_AGO_MS } as const;
    await ledger.write((tx) => addItems(tx, run, "users", 0, [item]));
    const found = await claimed(ledger, users);
    await ledger.write((tx) => settle(tx, users, FENCE, [madeOf(found)]));
    expect(await isLookedUp(ledger, run)).toBe(true);
  },
);

testOnBoth("an account that the bridge made may have been used since", async ({ open }) => {
  const ledger = await open();
  const { run } = await begin(ledger);
  await seedItems(ledger, 1, run.migrationId, run.generation);
  const migration = { id: run.migrationId, generation: run.generation };
  const made = { how: "created", fingerprint: "f", destinationId: "user_1", firstClaimedAtMs: 2 } as const;
  await ledger.write((tx) => noteAccount(tx, migration, { sub: SUB, email: "ada@example.com", ...made }));
  expect(await isLookedUp(ledger, run)).toBe(true);
});

testOnBoth("an account that was there before this run may have been used since", async ({ open }) => {
  const ledger = await open();
  const { run } = await begin(ledger);
  const stands = { kind: "user", key: SUB, how: "created", destinationId: "user_1" } as const;
  const fact = { ...stands, fingerprint: "f", details: null, firstClaimedAtMs: 2 };
  await ledger.write((tx) => noteStanding(tx, run.migrationId, [fact]));
  expect(await isLookedUp(ledger, run)).toBe(true);
});

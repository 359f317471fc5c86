import { expect } from "vitest";
import { findOpenWork } from "../../src/activities/fan-out/open-work.ts";
import { membershipsWork } from "../../src/activities/memberships/memberships-work.ts";
import { planObjects } from "../../src/activities/plan/plan-objects.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { Sender } from "../../src/destinations/sending.ts";
import type { Memberships } from "../../src/destinations/structure.ts";
import { UNTAKEN } from "../../src/destinations/untaken.ts";
import type { RunRef } from "../../src/domain/contract.ts";
import type { MembershipRecord } from "../../src/domain/records.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { membershipKey } from "../../src/plan/keys.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { attempt, setFastPace } from "../engine/batch/attempt.ts";
import { seedItems, subOf, testOnBoth } from "../ledger/ledgers.ts";
import { ownedRun } from "./owned-run.ts";

/** A destination that takes many a call, through the phases. */

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };

const FILE = migrationOf({ source: SOURCE, destination: { kind: "workos" } });

function begin(ledger: Ledger): Promise<RunRef> {
  const identity = { poolId: SOURCE.userPoolId, destinationKind: "many", environment: "env" };
  return ownedRun(ledger, identity, FILE, "r");
}

/** `partial`, and memberships many a call. */
function destinationOf(memberships: Partial<Memberships> = {}, usersPerCall = 100): Destination {
  const destination = partial.connect({ url: "http://127.0.0.1:1" });
  return {
    ...destination,
    users: { ...destination.users, itemsPerCall: usersPerCall },
    memberships: { ...UNTAKEN.memberships, ...memberships },
  };
}

testOnBoth("a batch is made of whole calls, and of one at least", async ({ open }) => {
  const ledger = await open();
  const run = await begin(ledger);
  await seedItems(ledger, 1_000, run.migrationId, run.generation);
  const rangesOf = async (usersPerCall: number) => {
    const deps = { ledger, destinationOf: () => destinationOf({}, usersPerCall) };
    const work = await findOpenWork(deps, { run, phase: "users", from: 1, batchSize: 400 });
    return work.ranges;
  };
  expect(await rangesOf(10_000)).toEqual([{ from: 1, to: 10_000 }]);
  expect(await rangesOf(300)).toEqual([
    { from: 1, to: 600 },
    { from: 601, to: 1_200 },
  ]);
  expect(await rangesOf(1)).toHaveLength(3);
});

testOnBoth("memberships go many a call where a destination takes them so", async ({ open }) => {
  const ledger = await open();
  const run = await begin(ledger);
  const subs = Array.from({ length: 250 }, (_, n) => subOf(n + 1));
  const calls: MembershipRecord[][] = [];
  const sender: Sender<MembershipRecord> = {
    itemsPerCall: 100,
    callsInFlight: 1,
    maxCalls: 1,
    async send(items, call) {
      await call.write();
      calls.push(items.map(({ record }) => record));
      return items.map(({ record }) => ({ kind: "created", destinationId: `member_${record.userId}` }));
    },
  };
  const destination = destinationOf(sender);
  await ledger.write(async (tx) => {
    const standing = { how: "created", fingerprint: "f", details: null, firstClaimedAtMs: 1 } as const;
    await noteStanding(tx, run.migrationId, [
      { ...standing, kind: "organization", key: "acme", destinationId: "org_acme" },
      ...subs.map((key) => ({ ...standing, kind: "user" as const, key, destinationId: `user_${key}` })),
    ]);
    const objects = subs
      .map((sub) => ({ sub, organization: "acme", roles: [] }))
      .map((data) => ({
        kind: "membership" as const,
        key: membershipKey(data),
        data,
      }));
    await planObjects(tx, run, "memberships", objects, false);
  });
  await setFastPace(ledger);
  const range = { ...run, phase: "memberships", from: 1, to: subs.length } as const;
  await attempt(ledger, range, membershipsWork(ledger, destination, run, FILE), 1);
  expect(calls.map((records) => records.length)).toEqual([100, 100, 50]);
  expect(calls.flat().map(({ userId }) => userId)).toEqual(subs.map((sub) => `user_${sub}`));
  const counts = await ledger.read((db) => phaseCounts(db, run, "memberships"));
  expect(counts).toEqual({ pending: 0, done: 250, failed: 0, skipped: 0 });
});

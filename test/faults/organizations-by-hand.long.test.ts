import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { poolOf } from "../doubles/pool/pool.ts";
import type { WorkosOrganization } from "../doubles/workos/organization-store.ts";
import { removeOrganization } from "../doubles/workos/removals.ts";
import { type Stage, setStage } from "./stage.ts";

/** An organization that somebody deletes between two runs. */

const LONG_TEST_MS = 90_000;
const TENANTS = 4;
const USERS = 40;
const LATE = 8;
/** Of what was written just now, absence would be believed a minute later. */
const YESTERDAY_MS = Date.now() - 86_400_000;

let pools = 0;

/** After a first run; more people of each tenant sign up since. */
async function afterFirstRun(): Promise<Stage> {
  pools += 1;
  const pool = plainPool({ users: USERS + LATE, poolId: `eu-west-1_byhand${process.pid}x${pools}` });
  for (const [index, user] of pool.users.entries())
    user.attributes["custom:tenant"] = `tenant-${index % TENANTS}`;
  const late = pool.users.splice(USERS, LATE);
  const stage = await setStage({
    pool: poolOf({ ...pool, attributeNames: [...pool.attributeNames, "custom:tenant"] }),
    file: { organizations: { from: "attribute", attribute: "custom:tenant" } },
  });
  await stage.work();
  await (await stage.start()).result();
  stage.pool.users.push(...late);
  await stage.withLedger((ledger) =>
    ledger.write((tx) => tx.updateTable("placed").set({ written_at_ms: YESTERDAY_MS }).execute()),
  );
  return stage;
}

function remove({ workos }: Stage, externalId: string): WorkosOrganization {
  const organization = workos.state().organizations.find(({ external_id }) => external_id === externalId);
  if (organization === undefined) throw new Error(`There is no ${externalId}.`);
  removeOrganization(workos.stores, organization);
  return organization;
}

/** With the same external id, and an id of its own. */
function makeAnew({ workos }: Stage, organization: WorkosOrganization): WorkosOrganization {
  const { organizations } = workos.stores;
  return organizations.add({ ...organization, ...organizations.stamp() });
}

function membersOf({ workos }: Stage, externalId: string): number {
  const { organizations, memberships } = workos.state();
  const ids = organizations.filter(({ external_id }) => external_id === externalId).map(({ id }) => id);
  return memberships.filter(({ organization_id }) => ids.includes(organization_id)).length;
}

function goneByFindings(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const findings = await ledger.read((db) => readFindings(db, migration?.id ?? 0));
    return findings.filter(({ code }) => code === "organization_gone").map(({ sentence }) => sentence);
  });
}

function lookUpsOf({ workos }: Stage): number {
  return workos.journal.entries.filter(({ operation }) => operation === "getOrganizationByExternalId").length;
}

test("an organization that was made anew by hand takes new people at once", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await afterFirstRun();
  makeAnew(stage, remove(stage, "tenant-0"));
  const before = lookUpsOf(stage);
  expect(await (await stage.start()).result()).toMatchObject({ imported: USERS + LATE, failed: 0 });
  // Two came since. Whose membership went with the old one gets no other.
  expect(membersOf(stage, "tenant-0")).toBe(LATE / TENANTS);
  expect(membersOf(stage, "tenant-1")).toBe((USERS + LATE) / TENANTS);
  expect(lookUpsOf(stage) - before).toBe(1);
  expect(await goneByFindings(stage)).toEqual([]);
});

test("an organization that is gone is told, and takes people again once it is made anew", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await afterFirstRun();
  const gone = remove(stage, "tenant-0");
  await (await stage.start()).result();
  expect(membersOf(stage, "tenant-0")).toBe(0);
  const [told, ...others] = await goneByFindings(stage);
  expect(told).toMatch(/1 organizations .*"tenant-0".* same external id/);
  expect(others).toEqual([]);
  makeAnew(stage, gone);
  await (await stage.start()).result();
  expect(membersOf(stage, "tenant-0")).toBe(LATE / TENANTS);
  expect(await goneByFindings(stage)).toEqual([]);
});

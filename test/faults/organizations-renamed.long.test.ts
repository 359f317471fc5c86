import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { resumeUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { poolOf } from "../doubles/pool/pool.ts";
import { removeUser } from "../doubles/workos/removals.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";
import { PLACED, setCredentialsStage } from "./with-credentials.ts";

/** A later file that gives an organization another external id, which another organization has. */

const LONG_TEST_MS = 90_000;
const USERS = 40;
const LATE = 8;
/** Of what was written just now, absence would be believed a minute later. */
const YESTERDAY_MS = Date.now() - 86_400_000;
let pools = 0;

/** After a first run; more people of each tenant sign up since, and `tenant-0` becomes `crm-77` in the file. */
async function renamedStage(): Promise<Stage> {
  pools += 1;
  const pool = plainPool({ users: USERS + LATE, poolId: `eu-west-1_renamed${process.pid}x${pools}` });
  for (const [index, user] of pool.users.entries()) user.attributes["custom:tenant"] = `tenant-${index % 2}`;
  const late = pool.users.splice(USERS, LATE);
  const fromTenant = { from: "attribute", attribute: "custom:tenant" } as const;
  const stage = await setStage({
    pool: poolOf({ ...pool, attributeNames: [...pool.attributeNames, "custom:tenant"] }),
    file: { organizations: fromTenant },
  });
  await stage.work();
  await (await stage.start()).result();
  await stage.withLedger((ledger) =>
    ledger.write((tx) => tx.updateTable("placed").set({ written_at_ms: YESTERDAY_MS }).execute()),
  );
  const named = { "tenant-0": { externalId: "crm-77" } };
  Object.assign(stage.file, { organizations: { ...fromTenant, named } });
  stage.pool.users.push(...late);
  return stage;
}

/** The same, where another organization has `crm-77`. */
async function takenStage(): Promise<Stage> {
  const stage = await renamedStage();
  addOrganization(stage, "crm-77");
  return stage;
}

/** As after a worker that died between the calls that made it and its members, and their outcomes. */
function forgetOutcome(stage: Stage, key: string): Promise<void> {
  const { stores } = stage.workos;
  const made = stage.workos.state().organizations.find(({ external_id }) => external_id === key);
  for (const membership of stage.workos.state().memberships)
    if (membership.organization_id === made?.id) stores.memberships.remove(membership);
  const nothing = { destination_id: null, how: null, fingerprint: null, details: null, written_at_ms: null };
  return stage.withLedger((ledger) =>
    ledger.write(async (tx) => {
      await tx
        .updateTable("placed")
        .set({ state: "in_doubt", ...nothing })
        .where("kind", "=", "organization")
        .where("key", "=", key)
        .execute();
      await tx.deleteFrom("placed").where("kind", "=", "membership").execute();
    }),
  );
}

function addOrganization({ workos }: Stage, external_id: string): void {
  const { organizations } = workos.stores;
  organizations.add({
    object: "organization",
    ...organizations.stamp(),
    name: external_id,
    domains: [],
    metadata: {},
    external_id,
    allow_profiles_outside_organization: false,
  });
}

function membersOf({ workos }: Stage, externalId: string): number {
  const { organizations, memberships } = workos.state();
  const ids = organizations.filter(({ external_id }) => external_id === externalId).map(({ id }) => id);
  return memberships.filter(({ organization_id }) => ids.includes(organization_id)).length;
}

function toldBy(stage: Stage): Promise<string[]> {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const findings = await ledger.read((db) => readFindings(db, migration?.id ?? 0));
    return findings.filter(({ severity }) => severity !== "info").map(({ code }) => code);
  });
}

/** Starts a run, and goes on with what stands. */
async function accepted(stage: Stage): Promise<Run> {
  const run = await stage.start();
  const parked = await until("the plan parks", async () => (await progressOf(run)).waitsFor);
  expect(parked).toMatchObject({
    code: "organization_renamed",
    sentence: expect.stringContaining('"tenant-0"'),
  });
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["organization_renamed"] }] });
  return run;
}

test("another external id for an organization that stands parks the plan", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await takenStage();
  const run = await accepted(stage);
  expect(await run.result()).toMatchObject({ imported: USERS + LATE, failed: 0 });
  expect(membersOf(stage, "tenant-0")).toBe((USERS + LATE) / 2);
  expect(membersOf(stage, "crm-77")).toBe(0);
  expect(await toldBy(stage)).toEqual(["organization_renamed"]);
});

test("another external id for an organization that an earlier run may have made makes no second one", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await renamedStage();
  await forgetOutcome(stage, "tenant-0");
  const before = stage.workos.state().organizations;
  const parked = await accepted(stage);
  expect(await parked.result()).toMatchObject({ imported: USERS + LATE, failed: 0 });
  expect(stage.workos.state().organizations).toEqual(before);
  expect(membersOf(stage, "tenant-0")).toBe((USERS + LATE) / 2);
  expect(await toldBy(stage)).toEqual(["organization_renamed"]);
});

test("a refused membership splits no tenant whose organization stands", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await takenStage();
  const { users, stores } = stage.workos;
  const [, moved] = stage.pool.users;
  const account = [...users.values()].find(({ external_id }) => external_id === moved?.sub);
  if (moved === undefined || account === undefined) throw new Error("The first run made nobody.");
  // Whoever has no account any more is refused in each organization, and asks whether that is gone.
  moved.attributes["custom:tenant"] = "tenant-0";
  removeUser(stores, account);
  const run = await accepted(stage);
  await run.result();
  expect(membersOf(stage, "crm-77")).toBe(0);
  expect(membersOf(stage, "tenant-0")).toBe((USERS + LATE) / 2);
  const { entries } = stage.workos.journal;
  const lookUps = entries.filter(({ operation }) => operation.startsWith("getOrganization"));
  // What was refused asks once, and verify, as another one has the external id of the file.
  expect(lookUps.map(({ operation }) => operation)).toEqual(["getOrganization", "getOrganization"]);
  const removed = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("placed").select("kind").where("state", "=", "removed").execute()),
  );
  // They themselves; the run has taken their membership of before back.
  expect(removed.map(({ kind }) => kind)).toEqual(["user"]);
});

test("a provider's organization parks the run before anything is made in it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const skipped = { Google: { skip: "off" }, SignInWithApple: { skip: "off" }, Microsoft: { skip: "off" } };
  const providers = { ...PLACED.providers, ...skipped };
  const stage = await setCredentialsStage({
    poolId: freshPoolId("renamedidp"),
    users: 10,
    file: { providers },
  });
  await stage.work();
  await (await stage.start()).result();
  const { connections } = stage.workos.state();
  const named = { corp: { externalId: "crm-77" } };
  const placed = { ...providers, Microsoft: { organization: "corp" } };
  Object.assign(stage.file, { organizations: { ...PLACED.organizations, named }, providers: placed });
  const run = await stage.start();
  const { phase } = await until("it parks", async () => {
    const progress = await progressOf(run);
    return progress.waitsFor?.code === "organization_renamed" ? progress : null;
  });
  expect(phase).toBe("credentials");
  expect(stage.workos.state().connections).toHaveLength(connections.length);
  await run.terminate();
});

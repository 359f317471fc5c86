import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { type Pool, poolOf } from "../doubles/pool/pool.ts";
import { outcomes } from "./audit.ts";
import { FAST_PACE, progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** What an earlier run planned, and the newest plan does not hold, is never sent. */

const LONG_TEST_MS = 90_000;
const USERS = 40;
const TENANTS: Partial<MigrationFile> = { organizations: { from: "attribute", attribute: "custom:tenant" } };

let pools = 0;

function tenantPool(users = USERS): Pool {
  pools += 1;
  const pool = plainPool({ users, poolId: `eu-west-1_second${process.pid}x${pools}` });
  for (const [index, user] of pool.users.entries()) user.attributes["custom:tenant"] = `tenant-${index % 4}`;
  return poolOf({ ...pool, attributeNames: [...pool.attributeNames, "custom:tenant"] });
}

function tenantOf({ pool }: Stage, sub: string | null): number {
  return pool.users.findIndex((user) => user.sub === sub) % 4;
}

/** Set in place, as `start` sends it. */
function setFile(stage: Stage, change: Partial<MigrationFile>): void {
  Object.assign(stage.file, change);
}

async function untilPhase(run: Run, phase: string): Promise<void> {
  await until(`the run is in ${phase}`, async () => (await progressOf(run)).phase === phase, 60_000);
}

/** Cancelled while it makes memberships, one of which it has made. */
async function cancelledInMemberships(stage: Stage): Promise<void> {
  const run = await stage.start();
  await untilPhase(run, "users");
  await run.executeUpdate("setPace", { args: [{ writesPerSecond: 4 }] });
  await until("a membership is made", () => stage.workos.state().memberships.length > 0, 60_000);
  await run.cancel();
  await expect(run.result()).rejects.toThrow();
}

const membersOf = ({ workos }: Stage) =>
  workos
    .state()
    .memberships.map(
      ({ user_id }) => workos.state().users.find(({ id }) => id === user_id)?.external_id ?? "",
    );

test("whoever is disabled or deleted since gets no membership of the run before", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ pool: tenantPool(), file: TENANTS });
  await stage.work();
  await cancelledInMemberships(stage);
  const made = new Set(membersOf(stage));
  const waiting = stage.pool.users.filter(({ sub }) => !made.has(sub));
  const [disabled, deleted] = waiting;
  if (disabled === undefined || deleted === undefined) throw new Error("Nobody waits for a membership.");
  disabled.enabled = false;
  stage.pool.users.splice(stage.pool.users.indexOf(deleted), 1);
  setFile(stage, { pace: FAST_PACE });
  await (await stage.start()).result();
  const members = membersOf(stage);
  expect(members).not.toContain(disabled.sub);
  expect(members).not.toContain(deleted.sub);
  expect(members).toHaveLength(USERS - 2);
});

test("a file without organizations makes no membership of the run before", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ pool: tenantPool(), file: TENANTS });
  await stage.work();
  await cancelledInMemberships(stage);
  const before = membersOf(stage).length;
  setFile(stage, { organizations: { from: "none" }, pace: FAST_PACE });
  await (await stage.start()).result();
  expect(membersOf(stage)).toHaveLength(before);
});

test("a membership that was taken away between two runs is not given back", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ pool: tenantPool(), file: { organizations: { from: "none" } } });
  await stage.work();
  await (await stage.start()).result();
  const { organizations, memberships } = stage.workos.stores;
  const [user] = stage.workos.state().users.filter(({ external_id }) => tenantOf(stage, external_id) === 0);
  if (user === undefined) throw new Error("Nobody is of the first tenant.");
  const acme = organizations.add({
    object: "organization",
    ...organizations.stamp(),
    name: "Tenant 0",
    domains: [],
    metadata: {},
    external_id: "tenant-0",
    allow_profiles_outside_organization: false,
  });
  const role = { slug: "member" };
  const taken = memberships.add({
    object: "organization_membership",
    ...memberships.stamp(),
    ...{ user_id: user.id, organization_id: acme.id, status: "inactive" },
    ...{ directory_managed: false, role, roles: [role] },
  });
  setFile(stage, TENANTS);
  await (await stage.start()).result();
  expect(stage.workos.state().memberships).toHaveLength(USERS);
  expect(taken.status).toBe("inactive");
});

test("organizations that only a dry run or an earlier file named are not made", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ pool: tenantPool(), file: { ...TENANTS, dryRun: true } });
  await stage.work();
  await (await stage.start()).result();
  expect(stage.workos.state().organizations).toEqual([]);
  const [pilot] = stage.pool.users;
  setFile(stage, { dryRun: false, only: { subs: [pilot?.sub ?? ""] } });
  await (await stage.start()).result();
  expect(stage.workos.state().organizations.map(({ external_id }) => external_id)).toEqual(["tenant-0"]);
  setFile(stage, { organizations: { from: "fixed", organization: "all" } });
  delete stage.file.only;
  await (await stage.start()).result();
  const names = stage.workos.state().organizations.map(({ external_id }) => external_id);
  expect(names).toEqual(["tenant-0", "all"]);
});

test("an organization that a mended file no longer names holds nothing up", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({
    pool: tenantPool(),
    file: { ...TENANTS, organizations: { from: "fixed", organization: "x".repeat(200) } },
  });
  await stage.work();
  const run = await stage.start();
  await until("it parks", async () => (await progressOf(run)).state === "Blocked", 60_000);
  await run.cancel();
  await expect(run.result()).rejects.toThrow();
  setFile(stage, TENANTS);
  expect(await (await stage.start()).result()).toMatchObject({ imported: USERS });
  expect(stage.workos.state().organizations).toHaveLength(4);
});

test("people in a hundred groups each come with all of their memberships", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = tenantPool(60);
  const groups = Array.from({ length: 100 }, (_, index) => ({
    name: `org-${index}`,
    description: "",
    precedence: null,
    members: pool.users.map(({ sub }) => sub),
  }));
  const stage = await setStage({
    pool: poolOf({ ...pool, groups }),
    file: { organizations: { from: "group", prefix: "org-" } },
  });
  await stage.work();
  expect(await (await stage.start()).result()).toMatchObject({ imported: 60, failed: 0 });
  expect(stage.workos.state().memberships).toHaveLength(6_000);
});

test("an account of the run before stays the one of its address", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ pool: tenantPool(6), file: TENANTS });
  await stage.work();
  await (await stage.start()).result();
  const [person] = stage.pool.users;
  if (person === undefined) throw new Error("The pool is empty.");
  const twin = { ...person, sub: "older-twin", username: "older-twin", createdAtMs: 1 };
  stage.pool.users.push({ ...twin, attributes: { ...person.attributes, sub: twin.sub } });
  await (await stage.start()).result();
  const ended = await outcomes(stage);
  expect(ended.get(person.sub)).toMatchObject({ outcome: "imported" });
  expect(ended.get(twin.sub)).toMatchObject({ outcome: "merged", mergedInto: person.sub });
  expect(stage.workos.users.size).toBe(6);
});

const SAME_PERSON = JSON.stringify([
  { userId: "118", providerName: "Google", providerType: "Google", primary: true, dateCreated: 1 },
]);

test("whoever claims an address of a person with two keeps them out of nothing", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = tenantPool(6);
  const [taker, person, google] = pool.users;
  if (taker === undefined || person === undefined || google === undefined)
    throw new Error("The pool is small.");
  Object.assign(person.attributes, { email: "ana@work.example", identities: SAME_PERSON });
  Object.assign(google, { status: "EXTERNAL_PROVIDER", username: "Google_118" });
  Object.assign(google.attributes, { email: "ana@home.example", identities: SAME_PERSON });
  const stage = await setStage({ pool, file: { ...TENANTS, only: { subs: [taker.sub] } } });
  await stage.work();
  await (await stage.start()).result();
  Object.assign(taker.attributes, { email: "ana@home.example", email_verified: "false" });
  delete stage.file.only;
  await (await stage.start()).result();
  // The second run finds them in the plan that the first one left.
  for (const _ of [1, 2]) {
    const ended = await outcomes(stage);
    expect(ended.get(person.sub)).toMatchObject({ outcome: "imported", reason: null });
    expect(ended.get(google.sub)).toMatchObject({ outcome: "merged", mergedInto: person.sub });
    await (await stage.start()).result();
  }
  expect(stage.workos.users.size).toBe(5);
});

import { expect, test } from "vitest";
import type { Finding } from "../../src/domain/findings.ts";
import { readFindings } from "../../src/ledger/findings.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { type Pool, poolOf } from "../doubles/pool/pool.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import type { WorkosMembership } from "../doubles/workos/membership-store.ts";
import { type Stage, setStage } from "../faults/stage.ts";

const USERS = 130;
/** Two pages; the last ten are globex's. */
const OF_ACME = 120;
const EDITORS = 3;
const PAGES = 3;

let pools = 0;

/** Everybody in an organization, the first of them with a role. */
function tenantPool(): Pool {
  pools += 1;
  const pool = plainPool({ users: USERS, poolId: `eu-west-1_members${process.pid}x${pools}` });
  for (const [index, user] of pool.users.entries())
    user.attributes["custom:tenant"] = index < OF_ACME ? "acme" : "globex";
  const members = pool.users.slice(0, EDITORS).map(({ sub }) => sub);
  return poolOf({
    ...pool,
    groups: [{ name: "editors", description: "May write", precedence: 1, members }],
    attributeNames: [...pool.attributeNames, "custom:tenant"],
  });
}

async function setTenants() {
  const stage = await setStage({
    pool: tenantPool(),
    file: {
      organizations: { from: "attribute", attribute: "custom:tenant" },
      roles: { from: "groups" },
    },
  });
  await stage.work();
  const subAt = (index: number) => stage.pool.users[index]?.sub ?? "";
  return { stage, subAt };
}

async function runToEnd(stage: Stage) {
  const run = await stage.start();
  expect(await run.result()).toMatchObject({ listed: USERS, failed: 0, open: 0 });
}

function verified(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    if (migration === undefined) throw new Error("There is no migration.");
    const { id, generation } = migration;
    const findings = await ledger.read((db) => readFindings(db, id));
    const seen = await ledger.read((db) =>
      db
        .selectFrom("placed")
        .select("key")
        .where("migration_id", "=", id)
        .where("kind", "=", "membership")
        .where("seen_generation", "=", generation)
        .execute(),
    );
    return {
      findings: findings.filter(({ phase }) => phase === "verify"),
      counts: await ledger.read((db) => phaseCounts(db, { migrationId: id, generation }, "memberships")),
      seen: seen.length,
    };
  });
}

/** A miss is believed a minute after the membership was made; tests do not wait for that minute. */
function ageEverything(stage: Stage) {
  return stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
}

function callsOf({ workos }: Stage, operation: string): number {
  return workos.journal.entries.filter((entry) => entry.operation === operation).length;
}

function membershipOf({ workos }: Stage, sub: string): WorkosMembership {
  const user = [...workos.users.values()].find((one) => one.external_id === sub);
  const [membership] = workos.stores.memberships.inGroup(user?.id ?? "");
  if (membership === undefined) throw new Error(`${sub} has no membership.`);
  return membership;
}

async function send({ workos }: Stage, method: "PUT" | "DELETE", path: string, body?: object) {
  const response = await fetch(`${workos.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${workos.key}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.ok).toBe(true);
}

/** The two people whom a finding names. */
function examplesOf([finding]: readonly Pick<Finding, "sentence">[]): string[] {
  const [, one = "", other = ""] = /for example of (\S+), (\S+)\)/.exec(finding?.sentence ?? "") ?? [];
  expect(one).not.toBe(other);
  return [one, other];
}

const membershipPath = ({ id }: WorkosMembership) => `/user_management/organization_memberships/${id}`;

/** What a list answers that lags behind. */
const EMPTY_LIST = { object: "list", data: [], list_metadata: { before: null, after: null } };

function emptyLists(after: number, times: number): Fault {
  return {
    match: { operation: "listMemberships", after },
    times,
    effect: { kind: "status", status: 200, body: EMPTY_LIST },
  };
}

test("memberships that stand are seen in as few calls as they have pages", async () => {
  const { stage } = await setTenants();
  await runToEnd(stage);
  expect(await verified(stage)).toMatchObject({ findings: [], counts: { done: USERS }, seen: USERS });
  expect(callsOf(stage, "listMemberships")).toBe(PAGES);
  await runToEnd(stage);
  expect(await verified(stage)).toMatchObject({ findings: [], counts: { done: USERS }, seen: USERS });
  expect(callsOf(stage, "listMemberships")).toBe(2 * PAGES);
});

test("nobody is asked about memberships where there are none", async () => {
  const stage = await setStage({ users: 20, plain: true });
  await stage.work();
  await (await stage.start()).result();
  expect(callsOf(stage, "listUsers")).toBeGreaterThan(0);
  expect(callsOf(stage, "listMemberships")).toBe(0);
});

test("a membership that is removed is told, and never made again", async () => {
  const { stage, subAt } = await setTenants();
  await runToEnd(stage);
  for (const index of [1, 40, 125])
    await send(stage, "DELETE", membershipPath(membershipOf(stage, subAt(index))));
  await ageEverything(stage);
  await runToEnd(stage);
  const counts = { pending: 0, done: USERS - 3, failed: 0, skipped: 3 };
  const { findings, ...rest } = await verified(stage);
  expect(rest).toEqual({ counts, seen: USERS - 3 });
  expect(findings).toEqual([
    expect.objectContaining({
      severity: "warning",
      code: "membership_missing",
      sentence: expect.stringMatching(/^3 memberships that Spillway made are not there any more .+ again\.$/),
    }),
  ]);
  expect([1, 40, 125].map(subAt)).toEqual(expect.arrayContaining(examplesOf(findings)));
  await runToEnd(stage);
  expect(await verified(stage)).toEqual({ findings: [], counts, seen: USERS - 3 });
  expect(callsOf(stage, "createMembership")).toBe(USERS);
  expect(stage.workos.state().memberships).toHaveLength(USERS - 3);
});

test("a list and a look-up that lag behind are not believed", async () => {
  const { stage } = await setTenants();
  stage.workos.faults.add(emptyLists(PAGES - 1, 2));
  await runToEnd(stage);
  expect(await verified(stage)).toMatchObject({ findings: [], counts: { done: USERS }, seen: USERS });
  const ofGlobex = USERS - OF_ACME;
  expect(callsOf(stage, "listMemberships")).toBe(PAGES + ofGlobex + 1);
});

test("memberships that somebody changed are told, however they are found", async () => {
  const { stage, subAt } = await setTenants();
  await runToEnd(stage);
  const setRole = (index: number, role_slug: string) =>
    send(stage, "PUT", membershipPath(membershipOf(stage, subAt(index))), { role_slug });
  const deactivate = (index: number) =>
    stage.workos.stores.memberships.change(membershipOf(stage, subAt(index)), { status: "inactive" });
  await setRole(0, "member");
  deactivate(110);
  deactivate(125);
  // Nobody gave this person a role, so nobody knows which one is theirs.
  await setRole(50, "editors");
  // What changed in Cognito as well stays as somebody left it there.
  stage.pool.groups = [{ name: "editors", description: "", precedence: 1, members: [subAt(0), subAt(50)] }];
  await setRole(1, "member");
  stage.workos.faults.add(emptyLists(PAGES - 1, 1));
  await runToEnd(stage);
  const { findings, seen } = await verified(stage);
  expect(seen).toBe(USERS);
  expect(findings).toEqual([
    expect.objectContaining({
      severity: "warning",
      code: "membership_differs",
      sentence: expect.stringMatching(/^4 memberships are not active, or hold other roles .+ before\.$/),
    }),
  ]);
  expect([0, 1, 110, 125].map(subAt)).toEqual(expect.arrayContaining(examplesOf(findings)));
});

test("memberships go with their organization or person", async () => {
  const { stage, subAt } = await setTenants();
  await runToEnd(stage);
  const globex = membershipOf(stage, subAt(OF_ACME)).organization_id;
  await send(stage, "DELETE", `/organizations/${globex}`);
  await send(stage, "DELETE", `/user_management/users/${membershipOf(stage, subAt(7)).user_id}`);
  await ageEverything(stage);
  await runToEnd(stage);
  const gone = USERS - OF_ACME + 1;
  const { findings, counts } = await verified(stage);
  expect(counts).toEqual({ pending: 0, done: USERS - gone, failed: 0, skipped: gone });
  expect(findings.map(({ code, sentence }) => [code, sentence.split(" ")[0]])).toEqual([
    ["membership_missing", String(gone)],
    ["organization_gone", "1"],
  ]);
  // A look-up for each of globex, none for the person whose account is known to be gone.
  expect(callsOf(stage, "listMemberships")).toBe(2 * PAGES + gone - 1);
});

test("a list that starts again counts nobody twice", async () => {
  const { stage, subAt } = await setTenants();
  await runToEnd(stage);
  stage.workos.stores.memberships.change(membershipOf(stage, subAt(3)), { status: "inactive" });
  const refusals = 3;
  // Each of the second page, so that the first one comes in between.
  for (let start = 1; start <= refusals; start += 1)
    stage.workos.faults.add({
      match: { operation: "listMemberships", after: start },
      times: 1,
      effect: { kind: "status", status: 404, body: { message: "Not Found" } },
    });
  await runToEnd(stage);
  expect(callsOf(stage, "listMemberships")).toBe(2 * PAGES + 2 * refusals);
  const { findings, seen } = await verified(stage);
  expect(seen).toBe(USERS);
  expect(findings.map(({ code, sentence }) => [code, sentence.split(" ")[0]])).toEqual([
    ["membership_differs", "1"],
  ]);
});

test("a stranger's membership counts once, however often its list starts again", async () => {
  const { stage, subAt } = await setTenants();
  Object.assign(stage.file, { only: { subs: [subAt(0)] } });
  await (await stage.start()).result();
  Object.assign(stage.file, { only: undefined });
  const { memberships } = stage.workos.stores;
  const [stranger] = stage.workos.seed([{ email: "stranger@example.com" }]);
  // Behind the pilot's one, and so on the first page.
  const added = { ...membershipOf(stage, subAt(0)), ...memberships.stamp(), user_id: stranger?.id ?? "" };
  memberships.add(added);
  await runToEnd(stage);
  const surplus = [
    ["membership_surplus", "1"],
    ["strangers_at_destination", "1"],
  ];
  const told = async () =>
    (await verified(stage)).findings.map(({ code, sentence }) => [code, sentence.split(" ")[0]]);
  expect(await told()).toEqual(surplus);
  const calls = callsOf(stage, "listMemberships");
  for (const start of [1, 2])
    stage.workos.faults.add({
      match: { operation: "listMemberships", after: start },
      times: 1,
      effect: { kind: "status", status: 404, body: { message: "Not Found" } },
    });
  await runToEnd(stage);
  expect(callsOf(stage, "listMemberships")).toBe(calls + PAGES + 2 * 2);
  expect(await told()).toEqual(surplus);
});

import type { WorkflowHandle } from "@temporalio/client";
import { expect, test } from "vitest";
import type { RedriveSummary } from "../../src/domain/contract.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { failedWork } from "../../src/ledger/redrive.ts";
import { approveUpdate, pauseUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { FILE, SEVERAL, tenants } from "./changing-pool.ts";
import { again, cancelledAfter, membershipsOf, migrated, USERS } from "./migrated.ts";
import { backUpLedger } from "./restore.ts";
import { standsAt } from "./same-as-fresh.ts";
import { progressOf, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** What failed is tried again by itself: by the plan of its run, as long as that holds. */

const FAILS = 5;

/** After a run in which the destination refused some people, for a reason that is mended by now. */
async function failedStage(
  file: Partial<MigrationFile> = FILE,
  { pool = tenants(USERS), work = (stage: Stage): unknown => stage.work() } = {},
): Promise<{ stage: Stage; failed: string[] }> {
  const stage = await setStage({ pool, file, workos: SEVERAL });
  refuse(stage, "createUser", FAILS);
  await work(stage);
  const run = await stage.start();
  if (file.passwordResets?.send) {
    await until("the mails wait", async () => (await progressOf(run)).state === "Waiting");
    await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  }
  expect(await run.result()).toMatchObject({ imported: pool.users.length - FAILS, failed: FAILS });
  const there = new Set([...stage.workos.users.values()].map(({ external_id }) => external_id));
  const failed = stage.pool.users.flatMap(({ sub }) => (there.has(sub) ? [] : [sub]));
  expect(failed).toHaveLength(FAILS);
  return { stage, failed };
}

function refuse(stage: Stage, operation: string, times: number, after = 3): void {
  const effect = { kind: "status", status: 422, body: { code: "not_now", message: "Not now." } } as const;
  stage.workos.faults.add({ match: { operation, after }, times, effect });
}

function keysAt({ workos }: Stage): Set<string | null> {
  return new Set([...workos.users.values()].map(({ external_id }) => external_id));
}

function personOf({ pool }: Stage, sub = "") {
  const user = pool.users.find((one) => one.sub === sub);
  if (user === undefined) throw new Error("Nobody has this sub.");
  return user;
}

function membersOf({ groups }: Pool, group: string): string[] {
  return groups.find(({ name }) => name === group)?.members ?? [];
}

/** Pauses, or cancels, a redrive once it has made somebody; gives those whom it has not come to. */
async function interrupted(
  stage: Stage,
  operation: string,
  how: "pause" | "cancel",
): Promise<WorkflowHandle<(redrive: unknown) => Promise<RedriveSummary>>> {
  const calls = () => callsSince(stage.workos, 0).filter((name) => name === operation).length;
  const before = calls();
  const run = await stage.redrive();
  await until("something is made", () => calls() > before);
  if (how === "pause") await run.executeUpdate(pauseUpdate);
  else await run.cancel();
  if (how === "cancel") await run.result().catch(() => undefined);
  // Calls in flight finish.
  else
    await until("nobody is at work", async () => {
      const { raw } = await run.describe();
      return (raw.pendingActivities ?? []).length === 0;
    });
  return run;
}

async function redriven(stage: Stage): Promise<RedriveSummary> {
  return (await stage.redrive()).result();
}

const ALL = { listed: USERS, imported: USERS, merged: 0, skipped: 0, failed: 0, open: 0 };

/** What was called since the mark. */
function callsSince({ journal }: { journal: { entries: readonly { operation: string }[] } }, mark: number) {
  return journal.entries.slice(mark).map(({ operation }) => operation);
}

test("whoever failed is brought with their memberships, and nobody else is touched", async () => {
  const { stage, failed } = await failedStage();
  const marks = {
    workos: stage.workos.journal.entries.length,
    cognito: stage.cognito.journal.entries.length,
  };
  const before = standsAt(stage.workos);
  const summary = await redriven(stage);
  expect(summary).toMatchObject({ mode: "redrive", changed: 0, failed: 0, people: ALL });
  const writes = callsSince(stage.workos, marks.workos).filter((name) =>
    /^(create|update|delete)/.test(name),
  );
  expect(writes.filter((name) => name === "createUser")).toHaveLength(FAILS);
  expect(new Set(writes)).toEqual(new Set(["createUser", "createMembership"]));
  // A look at each of them, and no walk of the pool.
  const looks = callsSince(stage.cognito, marks.cognito).filter((name) => name === "ListUsers");
  expect(looks.length).toBeLessThanOrEqual(2 * FAILS);
  for (const sub of failed) expect(membershipsOf(stage, sub)).toHaveLength(1);
  const { members } = standsAt(stage.workos);
  expect(members).toEqual(expect.arrayContaining(before.members));
  // The next run has nothing to add, and a verification nothing to tell.
  expect((await (await stage.verify()).result()).differences).toBe(0);
  expect((await again(stage)).changes).toEqual({
    users: { made: 0, changed: 0, removed: 0 },
    memberships: { made: 0, changed: 0, removed: 0 },
  });
});

test("whoever changed in Cognito since the run is left to the next one", async () => {
  const { stage, failed } = await failedStage();
  personOf(stage, failed[0]).enabled = false;
  personOf(stage, failed[1]).attributes.email = "somebody.else@example.com";
  personOf(stage, failed[2]).attributes["custom:tenant"] = "tenant-0 of others";
  stage.pool.users.splice(stage.pool.users.indexOf(personOf(stage, failed[3])), 1);
  const summary = await redriven(stage);
  expect(summary).toMatchObject({ changed: 4, failed: 4, people: { imported: USERS - 4, failed: 4 } });
  const there = keysAt(stage);
  expect(failed.map((sub) => there.has(sub))).toEqual([false, false, false, false, true]);
});

test("whoever left a group since gets no role of it, and is out where the file selects by it", async () => {
  const pool = tenants(USERS);
  const admins = membersOf(pool, "admins");
  admins.splice(0, admins.length, ...pool.users.map(({ sub }) => sub));
  const { stage, failed } = await failedStage(FILE, { pool });
  const left = failed[0] ?? "";
  admins.splice(admins.indexOf(left), 1);
  expect((await redriven(stage)).people.imported).toBe(USERS);
  expect(membershipsOf(stage, left)).toEqual([]);
  await again(stage);
  expect(membershipsOf(stage, left)).toHaveLength(1);
  expect(membershipsOf(stage, left).join()).not.toContain("admins");

  const pilot = tenants(USERS);
  const chosen = membersOf(pilot, "admins");
  chosen.splice(0, chosen.length, ...pilot.users.map(({ sub }) => sub));
  const other = await failedStage({ ...FILE, only: { group: "admins" } }, { pool: pilot });
  const out = other.failed[0] ?? "";
  chosen.splice(chosen.indexOf(out), 1);
  await redriven(other.stage);
  expect(keysAt(other.stage).has(out)).toBe(false);
  expect(keysAt(other.stage).size).toBe(USERS - 1);
});

test("whom a person would decide about today is not brought: a newcomer to the address, a disabled mate", async () => {
  const pool = tenants(8);
  const [first, mate, stranger] = pool.users;
  if (first === undefined || mate === undefined || stranger === undefined) throw new Error("Too few people.");
  Object.assign(mate.attributes, { email: first.attributes.email, email_verified: "false" });
  stranger.attributes.email_verified = "false";
  const stage = await setStage({ pool, file: FILE, workos: SEVERAL });
  refuse(stage, "createUser", 7, 0);
  await stage.work();
  await again(stage);
  expect(keysAt(stage).size).toBe(0);
  mate.enabled = false;
  const sub = "0c0ffee0-0000-4000-8000-00000000be01";
  const attributes = { ...stranger.attributes, sub, email_verified: "true" };
  pool.users.push({ ...structuredClone(stranger), sub, username: "the-owner", attributes });
  expect(await redriven(stage)).toMatchObject({ changed: 2, people: { imported: 5, failed: 2 } });
  const there = keysAt(stage);
  expect([first.sub, stranger.sub].some((one) => there.has(one))).toBe(false);
  await again(stage);
  expect(keysAt(stage).has(sub)).toBe(true);
});

const SLOW = { writesPerSecond: 2, readsPerSecond: 2_000, callsPerSecond: 4_000, pagesPerSecond: 200 };

test.each(["pause", "cancel"] as const)("whoever is disabled after a %s stays out", async (how) => {
  const { stage, failed } = await failedStage(
    { attributes: FILE.attributes, pace: SLOW },
    { pool: tenants(12) },
  );
  let run = await interrupted(stage, "createUser", how);
  const made = keysAt(stage);
  const barred = failed.filter((sub) => !made.has(sub));
  expect(barred.length).toBeGreaterThan(0);
  for (const sub of barred) personOf(stage, sub).enabled = false;
  if (how === "pause") await run.executeUpdate(resumeUpdate, { args: [undefined] });
  else run = await stage.redrive();
  expect((await run.result()).changed).toBe(barred.length);
  const there = keysAt(stage);
  expect(barred.filter((sub) => there.has(sub))).toEqual([]);
});

/** Who is without a membership, the destination having refused some for a reason that is mended by now. */
async function withoutMembership(
  file: Partial<MigrationFile>,
  { pool }: { pool: Pool },
): Promise<{ stage: Stage; failed: string[] }> {
  const stage = await setStage({ pool, file, workos: SEVERAL });
  refuse(stage, "createMembership", FAILS, 2);
  await stage.work();
  await again(stage);
  const failed = stage.pool.users
    .map(({ sub }) => sub)
    .filter((sub) => membershipsOf(stage, sub).length === 0);
  expect(failed).toHaveLength(FAILS);
  return { stage, failed };
}

test.each([
  ["account", "createUser", failedStage],
  ["membership", "createMembership", withoutMembership],
] as const)(
  "whoever is disabled while the call for their %s has to wait gets none",
  async (_, operation, failing) => {
    const pace = { ...SLOW, writesPerSecond: 5 };
    const { stage, failed } = await failing({ ...FILE, pace }, { pool: tenants(12) });
    const calls = () => callsSince(stage.workos, 0).filter((name) => name === operation).length;
    const before = calls();
    const effect = { kind: "status", status: 429, headers: { "retry-after": "4" } } as const;
    stage.workos.faults.add({ match: { operation }, times: 1, effect });
    const run = await stage.redrive();
    await until("the destination asks to wait", () => calls() > before);
    for (const sub of failed) personOf(stage, sub).enabled = false;
    expect((await run.result()).changed).toBe(FAILS);
    expect(failed.flatMap((sub) => membershipsOf(stage, sub))).toEqual([]);
    if (operation === "createUser") expect(failed.filter((sub) => keysAt(stage).has(sub))).toEqual([]);
  },
);

test("at a slow pace of Cognito's nobody is asked about long before their call", async () => {
  const pace = { writesPerSecond: 500, readsPerSecond: 2_000, callsPerSecond: 4_000, pagesPerSecond: 1 };
  const { stage, failed } = await failedStage({ attributes: FILE.attributes, pace });
  const mark = stage.cognito.journal.entries.length;
  const run = await stage.redrive();
  await until("three are asked about", () => stage.cognito.journal.entries.length >= mark + 3);
  const before = keysAt(stage);
  for (const sub of failed) personOf(stage, sub).enabled = false;
  await run.result();
  // The call of the last of them may be under way.
  expect(failed.filter((sub) => keysAt(stage).has(sub) && !before.has(sub)).length).toBeLessThanOrEqual(1);
});

test.each(["InternalErrorException", "InvalidParameterException"] as const)(
  "whom alone Cognito answers with %s fails with a code, and nobody else waits for them",
  async (error) => {
    const { stage, failed } = await failedStage();
    const silent = personOf(stage, failed[2]);
    stage.cognito.setOptions({ brokenFilter: { matches: silent.attributes.email ?? "", error } });
    expect(await redriven(stage)).toMatchObject({
      failed: 1,
      people: { ...ALL, imported: USERS - 1, failed: 1 },
    });
    const left = await stage.withLedger((ledger) =>
      ledger.read((db) =>
        failedWork(db, { migrationId: 1, generation: 1 }, "users", { after: 0, to: USERS }, 9),
      ),
    );
    expect(left).toMatchObject([{ key: silent.sub, code: "source_no_answer" }]);
    stage.cognito.setOptions({ brokenFilter: null });
    expect(await redriven(stage)).toMatchObject({ failed: 0, people: ALL });
  },
);

test("an outage of Cognito is waited for, and a missing permission by an operator", async () => {
  const { stage } = await failedStage();
  stage.cognito.faults.add({
    match: { operation: "ListUsers" },
    times: 6,
    effect: { kind: "status", status: 500 },
  });
  stage.cognito.setOptions({ denied: "AdminListGroupsForUser" });
  const run = await stage.redrive();
  await until("it parks", async () => (await progressOf(run)).state === "Blocked");
  expect((await progressOf(run)).waitsFor?.code).toBe("access_lost_source");
  stage.cognito.setOptions({ denied: null });
  await run.executeUpdate(resumeUpdate, { args: [undefined] });
  expect(await run.result()).toMatchObject({ failed: 0, people: ALL });
});

test("whoever leaves a group after a redrive that was cancelled gets no role of it by the next one", async () => {
  const pool = tenants(12);
  const admins = membersOf(pool, "admins");
  admins.splice(0, admins.length, ...pool.users.map(({ sub }) => sub));
  const stage = await setStage({ pool, file: { ...FILE, pace: SLOW }, workos: SEVERAL });
  refuse(stage, "createMembership", FAILS, 2);
  await stage.work();
  await again(stage);
  await interrupted(stage, "createMembership", "cancel");
  const left = pool.users.map(({ sub }) => sub).filter((sub) => membershipsOf(stage, sub).length === 0);
  expect(left.length).toBeGreaterThan(0);
  for (const sub of left) admins.splice(admins.indexOf(sub), 1);
  expect((await redriven(stage)).changed).toBe(left.length);
  expect(left.flatMap((sub) => membershipsOf(stage, sub))).toEqual([]);
});

test("a membership that was to be removed stays where its person is back", async () => {
  const stage = await migrated();
  const [user] = stage.pool.users;
  if (user === undefined) throw new Error("Nobody is there.");
  const before = membershipsOf(stage, user.sub);
  const tenant = user.attributes["custom:tenant"] ?? "";
  delete user.attributes["custom:tenant"];
  refuse(stage, "deleteMembership", 1, 0);
  await again(stage);
  user.attributes["custom:tenant"] = tenant;
  expect(await redriven(stage)).toMatchObject({ changed: 1 });
  expect(membershipsOf(stage, user.sub)).toEqual(before);
});

test("what fails again has failed still, and can be tried again", async () => {
  const { stage } = await failedStage();
  refuse(stage, "createUser", 2, 0);
  expect(await redriven(stage)).toMatchObject({ failed: 2, people: { imported: USERS - 2, failed: 2 } });
  const last = await redriven(stage);
  expect(last).toMatchObject({ failed: 0, people: ALL });
  expect(await redriven(stage)).toMatchObject({ tried: 0, failed: 0, people: ALL });
});

test("an organization that was refused is made, with the memberships that had to do without", async () => {
  const stage = await setStage({ pool: tenants(USERS), file: FILE, workos: SEVERAL });
  refuse(stage, "createOrganization", 1, 0);
  refuse(stage, "createMembership", 4);
  await stage.work();
  expect(await again(stage)).toMatchObject({ imported: USERS, failed: 0 });
  const without = stage.pool.users.filter(({ sub }) => membershipsOf(stage, sub).length === 0);
  expect(without.length).toBeGreaterThan(4);
  expect(await redriven(stage)).toMatchObject({ tried: without.length + 1, failed: 0, people: ALL });
  for (const { sub } of stage.pool.users) expect(membershipsOf(stage, sub)).toHaveLength(1);
});

test.each(["cancelled", "killed"] as const)(
  "%s on the way, it goes on, and makes nobody twice",
  async (how) => {
    const workers: WorkerProcess[] = [];
    const { stage, failed } = await failedStage(FILE, { work: (set) => workers.push(set.startWorker()) });
    const { faults } = stage.workos;
    faults.add({ match: { operation: "createUser" }, times: 1, effect: { kind: "reset_after_effect" } });
    faults.add({ match: { operation: "createUser" }, times: 1_000, effect: { kind: "delay", ms: 1_000 } });
    const creates = () => callsSince(stage.workos, 0).filter((name) => name === "createUser").length;
    const before = creates();
    let run = await stage.redrive();
    await until("somebody is made", () => creates() > before);
    if (how === "cancelled") {
      await run.cancel();
      await run.result().catch(() => undefined);
      run = await stage.redrive();
    } else {
      await workers[0]?.end("SIGKILL");
      stage.startWorker();
    }
    faults.clear();
    expect(await run.result()).toMatchObject({ failed: 0, people: ALL });
    for (const sub of failed) expect(membershipsOf(stage, sub)).toHaveLength(1);
    const keys = [...stage.workos.users.values()].map(({ external_id }) => external_id);
    expect(new Set(keys).size).toBe(keys.length);
  },
);

const MAILING = { ...FILE, passwordResets: { send: true, canary: 0, acceptMfaLoss: true } as const };

function mailsOf(stage: Stage): number {
  return callsSince(stage.workos, 0).filter((operation) => operation === "createPasswordReset").length;
}

test("whoever is brought late is mailed by the approval of the run, and nobody twice", async () => {
  const { stage } = await failedStage(MAILING);
  expect(mailsOf(stage)).toBe(USERS - FAILS);
  expect((await redriven(stage)).mails).toMatchObject({ mailed: USERS, before: 0 });
  expect(mailsOf(stage)).toBe(USERS);
});

test("where nobody approved mails, they wait for it", async () => {
  const stage = await setStage({ pool: tenants(FAILS), file: MAILING, workos: SEVERAL });
  refuse(stage, "createUser", FAILS, 0);
  await stage.work();
  expect(await again(stage)).toMatchObject({ imported: 0, failed: FAILS });
  const run = await stage.redrive();
  const standing = async () => (await run.query<{ state: string }>("progress")).state;
  await until("the mails wait", async () => (await standing()) === "Waiting");
  expect(mailsOf(stage)).toBe(0);
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  expect((await run.result()).mails).toMatchObject({ mailed: FAILS });
});

test("a redrive whose ledger goes back to before it tells so, and the next one brings everybody", async () => {
  const pool = tenants(12);
  const workers: WorkerProcess[] = [];
  const { stage } = await failedStage(FILE, { pool, work: (set) => workers.push(set.startWorker()) });
  await workers[0]?.end("SIGTERM");
  const restore = backUpLedger(stage);
  const worker = stage.startWorker();
  const effect = { kind: "delay", ms: 1_000 } as const;
  stage.workos.faults.add({ match: { operation: "createUser" }, times: 1_000, effect });
  const made = keysAt(stage).size;
  const run = await stage.redrive();
  await until("somebody is made", () => keysAt(stage).size > made);
  await worker.end("SIGKILL");
  restore();
  stage.workos.faults.clear();
  await stage.work();
  await until("it parks", async () => (await progressOf(run)).state === "Blocked");
  expect((await progressOf(run)).waitsFor?.code).toBe("ledger_restored");
  await run.cancel();
  await run.result().catch(() => undefined);
  const all = pool.users.length;
  expect(await redriven(stage)).toMatchObject({ failed: 0, people: { imported: all, failed: 0, open: 0 } });
  expect(stage.workos.users.size).toBe(all);
});

test("a run that did not end, and an undo, are not redriven", async () => {
  const { stage } = await failedStage();
  await cancelledAfter(stage, "listUsers");
  await expect(redriven(stage)).rejects.toMatchObject({
    cause: { message: expect.stringContaining("did not come to its end") },
  });
  await (await stage.undo()).result();
  await expect(redriven(stage)).rejects.toMatchObject({
    cause: { message: expect.stringContaining("the newest run is an undo") },
  });
});

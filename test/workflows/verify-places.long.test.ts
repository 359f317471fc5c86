import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { resumeUpdate } from "../../src/workflows/messages.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import { removeUser } from "../doubles/workos/removals.ts";
import { outcomes } from "../faults/audit.ts";
import { progressOf, type Run, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";

const USERS = 130;
const MANY = 100_000;
/** Of those whom the list does not show, as many are asked for before all of them are. */
const SAMPLE = 20;
const EMPTY_LIST = { object: "list", data: [], list_metadata: { before: null, after: null } };

/** The call by which assess proves its access comes first. */
const AFTER_ASSESS = 1;

function answer(
  operation: string,
  status: number,
  body: unknown,
  match: { times?: number; path?: string; after?: number } = {},
): Fault {
  const { times = MANY, path = "", after = 0 } = match;
  return { match: { operation, path, after }, times, effect: { kind: "status", status, body } };
}

/** Of each start of the list, the second page, so many times. */
function deadCursors(times: number): Fault[] {
  return Array.from({ length: times }, (_, index) =>
    answer("listUsers", 400, { message: "Bad cursor." }, { times: 1, after: AFTER_ASSESS + 1 + index }),
  );
}

/** What a destination answers that is not the one that the run before wrote to. */
function elsewhere(): Fault[] {
  return [
    answer("listUsers", 200, EMPTY_LIST),
    answer("getUserByExternalId", 404, { message: "User not found" }),
    answer("getUser", 404, { message: "User not found" }),
  ];
}

async function importedStage(): Promise<Stage> {
  const stage = await setStage({ users: USERS, plain: true });
  await stage.work();
  expect(await (await stage.start()).result()).toMatchObject({ imported: USERS });
  // A miss is believed a minute after the import; tests do not wait for that minute.
  await stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
  return stage;
}

async function parksOver(run: Run, code: string): Promise<void> {
  await until(`it parks over ${code}`, async () => (await progressOf(run)).waitsFor?.code === code);
}

function removed(stage: Stage): Promise<number> {
  return stage.withLedger(async (ledger) => {
    const rows = await ledger.read((db) =>
      db.selectFrom("placed").select("key").where("state", "=", "removed").execute(),
    );
    return rows.length;
  });
}

const unreadable = (stage: Stage) => findingsOf(stage, "unreadable_at_destination");

function findingsOf(stage: Stage, wanted: string) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const findings = await ledger.read((db) => readFindings(db, migration?.id ?? 0));
    return findings.filter(({ code }) => code === wanted);
  });
}

/** How often the list was asked for from its start. */
function starts({ workos }: Stage): number {
  return workos.journal.entries.filter(
    ({ operation, query }) =>
      operation === "listUsers" && query.includes("limit=100") && !query.includes("after="),
  ).length;
}

/** How often somebody was asked for singly. */
function lookUps({ workos }: Stage): number {
  return workos.journal.entries.filter(({ operation }) => operation === "getUserByExternalId").length;
}

test("where most people are gone, nobody is marked; found again, they stand", async () => {
  const stage = await importedStage();
  stage.workos.faults.add(...elsewhere());
  const run = await stage.start();
  await parksOver(run, "accounts_gone");
  expect(await removed(stage)).toBe(0);
  stage.workos.faults.clear();
  const before = { starts: starts(stage), lookUps: lookUps(stage) };
  await run.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  expect(await run.result()).toMatchObject({ imported: USERS, skipped: 0 });
  // The list is read anew, so nobody has to be asked for.
  expect(starts(stage)).toBe(before.starts + 1);
  expect(lookUps(stage)).toBe(before.lookUps);
});

test("a pilot of four notices as well that most people are gone", async () => {
  const stage = await importedStage();
  stage.workos.faults.add(...elsewhere());
  stage.file.only = { subs: stage.pool.users.slice(0, 4).map(({ sub }) => sub) };
  await parksOver(await stage.start(), "accounts_gone");
  expect(await removed(stage)).toBe(0);
});

test("a sample of those whom a list does not show is asked for once", async () => {
  const stage = await importedStage();
  const before = lookUps(stage);
  stage.workos.faults.add(
    answer("listUsers", 200, EMPTY_LIST),
    // After the sample, and some of everybody.
    answer("getUserByExternalId", 422, { message: "No.", code: "refused" }, { times: 1, after: SAMPLE + 5 }),
  );
  const run = await stage.start();
  await parksOver(run, "listing_refused");
  await run.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  expect(await run.result()).toMatchObject({ imported: USERS, skipped: 0 });
  expect(lookUps(stage)).toBe(before + SAMPLE + USERS + 1);
});

test("whom an operator says to have removed is marked, and stands again once found", async () => {
  const stage = await importedStage();
  stage.workos.faults.add(...elsewhere());
  const run = await stage.start();
  await parksOver(run, "accounts_gone");
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["accounts_gone"] }] });
  expect(await run.result()).toMatchObject({ imported: 0, skipped: USERS });
  expect(await removed(stage)).toBe(USERS);
  stage.workos.faults.clear();
  expect(await (await stage.start()).result()).toMatchObject({ imported: USERS, skipped: 0 });
  expect(stage.workos.users.size).toBe(USERS);
});

test("an account that somebody deleted and made again stands under its new id", async () => {
  const stage = await setStage({ users: 20, plain: true });
  await stage.work();
  await (await stage.start()).result();
  const { workos } = stage;
  const [deleted] = workos.users.values();
  if (deleted === undefined) throw new Error("The first run made nobody.");
  removeUser(workos.stores, deleted);
  const [made] = workos.seed([deleted]);
  expect(made?.id).not.toBe(deleted.id);
  await (await stage.start()).result();
  const own = (await outcomes(stage)).get(deleted.external_id ?? "");
  expect(own).toMatchObject({ outcome: "imported", destinationId: made?.id });
});

test.each([
  ["given to another one", 1],
  ["cleared", 0],
])("an account that stands keeps its memberships and mails, though its key was %s", async (_, others) => {
  const stage = await setStage({ users: 20, plain: true });
  await stage.work();
  await (await stage.start()).result();
  const { workos } = stage;
  const [standing] = workos.users.values();
  if (standing?.external_id === undefined || standing.external_id === null)
    throw new Error("Nobody was made.");
  const sub = standing.external_id;
  workos.stores.users.change(standing, { external_id: null });
  if (others > 0) workos.seed([{ ...standing, email: "another@example.com", external_id: sub }]);
  await (await stage.start()).result();
  expect((await outcomes(stage)).get(sub)).toMatchObject({ outcome: "imported", destinationId: standing.id });
  expect(await removed(stage)).toBe(0);
  const [told, ...more] = await findingsOf(stage, "differs_at_destination");
  expect(told?.sentence).toMatch(/^1 accounts hold another external_id than was written/);
  expect(more).toEqual([]);
});

test("a list that is refused for good parks, and a resume reads it", async () => {
  const stage = await setStage({ users: USERS, plain: true });
  await stage.work();
  stage.workos.faults.add(
    answer("listUsers", 422, { message: "No.", code: "list_refused" }, { after: AFTER_ASSESS }),
  );
  const run = await stage.start();
  await parksOver(run, "listing_refused");
  stage.workos.faults.clear();
  await run.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  expect(await run.result()).toMatchObject({ imported: USERS });
});

test("a row that cannot be read is one finding, and its owner stands", async () => {
  const stage = await setStage({ users: USERS, plain: true });
  const [odd] = stage.pool.users;
  const row = { object: "user", id: "user_odd", email: "odd@example.com", external_id: odd?.sub };
  await stage.work();
  stage.workos.faults.add(
    answer("listUsers", 200, { ...EMPTY_LIST, data: [row] }, { times: 1, after: AFTER_ASSESS }),
    answer("getUserByExternalId", 200, row, { path: odd?.sub ?? "" }),
  );
  const run = await stage.start();
  expect(await run.result()).toMatchObject({ imported: USERS });
  expect(await unreadable(stage)).toMatchObject([
    { severity: "warning", subject: "accounts", sentence: expect.stringContaining(` ${odd?.sub})`) },
  ]);
  expect((await outcomes(stage)).get(odd?.sub ?? "")).toMatchObject({ outcome: "imported" });
});

test("an outage loses nothing of a listing", async () => {
  const stage = await setStage({ users: USERS, plain: true });
  await stage.work();
  stage.workos.faults.add({
    match: { operation: "listUsers", after: AFTER_ASSESS + 1 },
    times: 6,
    effect: { kind: "status", status: 503 },
  });
  expect(await (await stage.start()).result()).toMatchObject({ imported: USERS });
  expect(starts(stage)).toBe(1);
});

test("a dead cursor starts a listing again; one that keeps dying parks", async () => {
  const stage = await setStage({ users: USERS, plain: true });
  await stage.work();
  stage.workos.faults.add(...deadCursors(2));
  expect(await (await stage.start()).result()).toMatchObject({ imported: USERS });
  expect(starts(stage)).toBe(3);
  stage.workos.faults.add(...deadCursors(4));
  const run = await stage.start();
  await parksOver(run, "listing_stuck");
  expect(starts(stage)).toBe(3 + 4);
  await run.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  expect(await run.result()).toMatchObject({ imported: USERS });
  expect(starts(stage)).toBe(3 + 4 + 1);
});

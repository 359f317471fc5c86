import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { countPersonalData } from "../../src/ledger/purge.ts";
import { disownMigration, ownMigration } from "../../src/ledger/runs.ts";
import { approveUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { runCli, startCli } from "../commands/cli.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import { randomMarker } from "../doubles/pool/random.ts";
import { tablesHolding } from "../ledger/every-value.ts";
import { sourceUser, upsertPages } from "../ledger/ledgers.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { auditRun, outcomes } from "./audit.ts";
import { hits } from "./history-text.ts";
import { creates, progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** Nothing of people is left where they lay, and the promises hold afterwards. */

const LONG_TEST_MS = 240_000;
const RUN_TAKES_MS = 120_000;
const USERS = 240;

/** A pool whose every value carries a marker, and a vendor that repeats some in its refusals. */
async function markedStage(ledgerUrl?: string): Promise<{ stage: Stage; marker: string }> {
  const marker = randomMarker();
  const pool = makePool({ users: USERS, seed: 5, poolId: freshPoolId("purged"), marker: () => marker });
  const stage = await setStage({
    pool,
    ...(ledgerUrl === undefined ? {} : { ledgerUrl }),
    file: {
      users: { onExisting: "adopt" },
      organizations: { from: "group", prefix: "e" },
      passwordResets: { send: true, unverified: "skip", perSecond: 100, canary: 0, acceptMfaLoss: true },
    },
  });
  const body = { code: "user_creation_error", message: marker, errors: [{ code: marker, message: marker }] };
  stage.workos.faults.add({
    match: { operation: "createUser", after: 20 },
    times: 4,
    effect: { kind: "status", status: 422, body },
  });
  return { stage, marker };
}

/** The code of what a run waits for; "ended" where it waits for nothing any more. */
function endOf(run: Run): Promise<string> {
  const look = async () => {
    if ((await run.describe()).status.name !== "RUNNING") return "ended";
    return (await progressOf(run)).waitsFor?.code;
  };
  return until("the run ends or waits", look, RUN_TAKES_MS);
}

/** Whoever is due is mailed. */
async function resultOf(run: Run) {
  if ((await endOf(run)) === "approval_resets")
    await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  expect(await endOf(run)).toBe("ended");
  return run.result();
}

/** A run after a purge: it says what it would bring back, and waits. */
async function runAgain(stage: Stage) {
  const run = await stage.start();
  expect(await endOf(run)).toBe("personal_data_purged");
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["personal_data_purged"] }] });
  return resultOf(run);
}

function purge(stage: Stage, ...words: string[]) {
  return runCli(
    ["purge", stage.pool.poolId, "--confirm", stage.pool.poolId, ...words],
    stage.folder,
    stage.environment,
  );
}

const holding = (stage: Stage, text: string) => stage.withLedger((ledger) => tablesHolding(ledger, text));

/** In each of the ledger's files. Whoever closes one takes the locks of its whole process away: workers are others here. */
function hitsInFiles({ folder }: Stage, text: string): number[] {
  const files = readdirSync(folder).filter((name) => name.startsWith("ledger.db"));
  return files.map((name) => hits(readFileSync(join(folder, name), "latin1"), text));
}

/** Accounts by whose they are, as the ledger has them. */
async function idMap(stage: Stage): Promise<Record<string, string | null>> {
  const ended = await outcomes(stage);
  return Object.fromEntries([...ended].map(([sub, { destinationId }]) => [sub, destinationId]));
}

async function purgesAndGoesOn(ledgerUrl?: string): Promise<void> {
  const { stage, marker } = await markedStage(ledgerUrl);
  stage.startWorker();
  const first = await resultOf(await stage.start());
  expect(first.failed).toBeGreaterThan(0);
  const before = await idMap(stage);
  const held = Object.keys(await holding(stage, marker));
  expect(held).toEqual(expect.arrayContaining(["source_users", "identities", "work_items", "looks"]));

  const { code, stderr } = await purge(stage);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(await holding(stage, marker)).toEqual({});
  expect(await idMap(stage)).toMatchObject(withoutNobody(before));
  if (ledgerUrl === undefined) expect(hitsInFiles(stage, marker).filter((found) => found > 0)).toEqual([]);

  const report = await reportOf(stage);
  expect(hits(report, marker)).toBe(0);
  for (const [sub, id] of Object.entries(withoutNobody(before)))
    expect(report).toMatch(new RegExp(`^${sub},\\w+,\\w*,${id ?? ""},`, "m"));

  const made = creates(stage.workos).length;
  const second = await runAgain(stage);
  await auditRun(stage, second);
  expect(creates(stage.workos).length - made).toBe(first.failed);
  const mailed = Object.values(stage.workos.state().resetMails);
  expect(mailed.length).toBeGreaterThan(USERS / 2);
  expect(mailed.filter((times) => times > 1)).toEqual([]);
  // What was learned of the accounts again is as it was written.
  const third = await resultOf(await stage.start());
  expect(third.changes?.users).toEqual({ made: 0, changed: 0, removed: 0 });
  expect(await findingsOf(stage)).not.toContain("address_changed");
}

/** Those without a `sub` are called by a digest of their name, which goes. */
function withoutNobody(map: Record<string, string | null>) {
  return Object.fromEntries(Object.entries(map).filter(([sub]) => !sub.startsWith("nosub:")));
}

/** All of its files. */
async function reportOf({ folder, environment }: Stage): Promise<string> {
  expect(await runCli(["report", "--out", "report"], folder, environment)).toMatchObject({ code: 0 });
  const files = readdirSync(join(folder, "report"));
  return files.map((name) => readFileSync(join(folder, "report", name), "latin1")).join("\n");
}

async function findingsOf(stage: Stage): Promise<string[]> {
  const rows = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("findings").select("code").execute()),
  );
  return rows.map(({ code }) => code);
}

test(
  "a purge leaves ids alone, and a run after it doubles nobody and mails nobody twice (SQLite)",
  {
    timeout: LONG_TEST_MS,
  },
  () => purgesAndGoesOn(),
);

test(
  "a purge leaves ids alone, and a run after it doubles nobody and mails nobody twice (PostgreSQL)",
  {
    timeout: LONG_TEST_MS,
  },
  async () => purgesAndGoesOn(await freshPostgresDatabase()),
);

test("what changed since a purge is told, and nobody loses an account by it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 12, poolId: freshPoolId("since") });
  const stage = await setStage({
    pool,
    file: { users: { deletedLater: "delete", disabledLater: "delete" } },
  });
  stage.startWorker();
  await (await stage.start()).result();
  expect(await purge(stage)).toMatchObject({ code: 0 });
  const [deleted, disabled, renamed] = pool.users;
  if (!deleted || !disabled || !renamed) throw new Error("The pool is too small.");
  const before = accountOf(stage, renamed.sub);
  pool.users.splice(0, 1);
  disabled.enabled = false;
  renamed.attributes.given_name = "Renamed";
  // They signed up again, at the address of before.
  const again = { ...deleted, sub: randomUUID(), username: randomUUID() };
  again.attributes = { ...deleted.attributes, sub: again.sub };
  pool.users.push(again);

  const second = await runAgain(stage);
  expect(second.changes?.users).toMatchObject({ made: 0, removed: 1 });
  const { entries } = stage.workos.journal;
  expect(entries.filter(({ operation }) => operation === "updateUser")).toEqual([]);
  expect(accountOf(stage, deleted.sub)).toBeDefined();
  expect(accountOf(stage, again.sub)).toBeUndefined();
  expect(accountOf(stage, disabled.sub)).toBeUndefined();
  expect(accountOf(stage, renamed.sub)).toEqual(before);
  const found = await findingsOf(stage);
  expect(found).toEqual(expect.arrayContaining(["deleted_unknown", "purged_not_compared"]));
  expect(found).not.toContain("deleted_removed");
  expect((await outcomes(stage)).get(renamed.sub)).toMatchObject({
    ...{ outcome: "imported", reason: "changed_there" },
  });
});

function accountOf({ workos }: Stage, sub: string) {
  return workos.state().users.find(({ external_id }) => external_id === sub);
}

const PAGES = 60;
const OWNER = { namespace: "default", workflowId: "w", firstRunId: "r" };

test("a purge that is killed goes on where it was, and no run begins before that", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ plain: true, users: 1 });
  const marker = "@killed.example.com";
  const { pool, workos, file } = stage;
  const identity = { poolId: pool.poolId, destinationKind: "workos", environment: workos.clientId };
  const person = (page: number) =>
    sourceUser(randomUUID(), { attributes: { email: `${page}.${randomUUID()}${marker}` } });
  await stage.withLedger(async (ledger) => {
    await ledger.write((tx) => ownMigration(tx, identity, migrationOf(file), OWNER, undefined));
    await ledger.write((tx) => disownMigration(tx, 1, OWNER.firstRunId));
    for (let page = 0; page < PAGES; page += 1)
      await upsertPages(ledger, 1, [Array.from({ length: 1_000 }, () => person(page))]);
  });
  for (let kill = 0; kill < 3; kill += 1) {
    const words = ["purge", pool.poolId, "--confirm", pool.poolId];
    // Counting them all takes as long as removing them.
    await stage.withLedger(async (ledger) => {
      const before = await firstOf(ledger);
      const running = startCli(words, stage.folder, stage.environment);
      await until("more is gone", async () => (await firstOf(ledger)) !== before, RUN_TAKES_MS);
      running.child.kill("SIGKILL");
      await running.ended;
    });
  }
  expect(await leftOf(stage)).toBeGreaterThan(0);
  stage.startWorker();
  await expect((await stage.start()).result()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("purge of this migration was begun and has not ended") },
  });
  expect(await purge(stage)).toMatchObject({ code: 0 });
  expect(await leftOf(stage)).toBe(0);
  expect(hitsInFiles(stage, marker).filter((found) => found > 0)).toEqual([]);
  const run = await stage.start();
  expect(await endOf(run)).toBe("personal_data_purged");
  await run.terminate();
});

/** Whose address goes next. */
async function firstOf(ledger: Ledger): Promise<string | undefined> {
  const row = await ledger.read((db) =>
    db
      .selectFrom("source_users")
      .select("sub")
      .where("migration_id", "=", 1)
      .where("email", "is not", null)
      .orderBy("sub")
      .limit(1)
      .executeTakeFirst(),
  );
  return row?.sub;
}

/** People whose address the ledger knows. */
async function leftOf(stage: Stage): Promise<number> {
  const counts = await stage.withLedger((ledger) => countPersonalData(ledger, 1));
  return counts.people;
}

test("after a purge of the id map a run is refused in words", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ plain: true, users: 5 });
  stage.startWorker();
  await (await stage.start()).result();
  expect(await purge(stage, "--id-map")).toMatchObject({ code: 0 });
  for (const { sub } of stage.pool.users) expect(await holding(stage, sub)).toEqual({});
  await expect((await stage.start()).result()).rejects.toMatchObject({
    cause: { message: expect.stringContaining("Who became which account was purged") },
  });
  expect(creates(stage.workos)).toHaveLength(5);
});

test("an undo after a purge removes what was made, and leaves adopted accounts as they are", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 6, poolId: freshPoolId("undone") });
  const stage = await setStage({ pool, file: { users: { onExisting: "adopt" } } });
  const [adopted] = pool.users;
  stage.workos.seed([{ email: adopted?.attributes.email ?? "", email_verified: true }]);
  stage.startWorker();
  await (await stage.start()).result();
  expect((await purge(stage)).stdout).toContain("the adopted account stays as it is");
  const before = accountOf(stage, adopted?.sub ?? "");
  expect(before).toBeDefined();
  const undone = await (await stage.undo({})).result();
  expect(undone.of.user).toEqual({ removed: 5, restored: 0, kept: { before_purged: 1 }, failed: {} });
  expect(stage.workos.state().users).toEqual([before]);
});

import { expect, onTestFinished, test } from "vitest";
import type { Ledger, Tx } from "../../src/ledger/ledger.ts";
import { approveUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startPostgres } from "../setup/postgres-server.ts";
import { ledgerDatabase } from "./ledger-database.ts";
import { progressOf, type Run, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** A fail-over of PostgreSQL may lose the last seconds: the ledger goes back under a run that goes on. */

const LONG_TEST_MS = 300_000;
const PEOPLE = 80;
const KNOWN = 20;
const FORGOTTEN = 15;
/** A mail that was forgotten does not show for so long. */
const LAG_MS = 30_000;

const TABLES = ["mails", "work_items", "phase_counts", "event_positions", "cursors"] as const;

/** What the ledger says of mails at this moment; the function that is returned makes it say that again. */
async function remember(ledger: Ledger): Promise<(tx: Tx) => Promise<void>> {
  const kept = await ledger.read(async (db) => {
    const rows = [];
    for (const table of TABLES) rows.push({ table, rows: await db.selectFrom(table).selectAll().execute() });
    return rows;
  });
  return async (tx) => {
    for (const { table, rows } of kept) {
      await tx.deleteFrom(table).execute();
      for (const row of rows) await tx.insertInto(table).values(row).execute();
    }
  };
}

async function setLaggingStage(name: string, people: number, perSecond: number, ledgerUrl?: string) {
  const pool = plainPool({ users: people, poolId: freshPoolId(name) });
  const passwordResets = { send: true, perSecond, canary: 0, acceptMfaLoss: true } as const;
  const stage = await setStage({
    ...{ pool, file: { passwordResets }, workos: { eventsLagMs: LAG_MS } },
    ...(ledgerUrl !== undefined && { ledgerUrl }),
  });
  const calls = () =>
    stage.workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset");
  const mails = () => calls().flatMap(({ status, key }) => (status === 201 ? [key] : []));
  return { stage, calls, mails };
}

async function waits(run: Run, code: string): Promise<string> {
  const { sentence } = await until(`the run waits: ${code}`, async () => {
    const { waitsFor } = await progressOf(run);
    return waitsFor?.code === code ? waitsFor : null;
  });
  return sentence;
}

const approve = (run: Run) => run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });

test.each([
  ["goes on", false],
  ["dies with it, and somebody resumes the wait", true],
] as const)(
  "nobody is mailed twice when the ledger goes back by seconds, and the worker %s",
  {
    timeout: LONG_TEST_MS,
  },
  async (_, isKilled) => {
    const { stage, mails } = await setLaggingStage(`back${isKilled}`, PEOPLE, 10);
    const worker = stage.startWorker();
    const run = await stage.start();
    await waits(run, "approval_resets");
    await approve(run);
    await stage.withLedger(async (ledger) => {
      await until("some mails are out", () => mails().length >= KNOWN);
      const goBack = await remember(ledger);
      const known = mails().length;
      await until("more are out", () => mails().length >= known + FORGOTTEN);
      if (isKilled) await worker.end("SIGKILL");
      await ledger.write(goBack);
    });
    if (isKilled) stage.startWorker();
    expect(await waits(run, "clock")).toMatch(
      /^The ledger may have forgotten mails .* looks again by itself at .* UTC\.$/,
    );
    if (isKilled) await run.executeUpdate(resumeUpdate, { args: [undefined] });
    await run.result();
    expect(new Set(mails()).size).toBe(mails().length);
    expect(mails()).toHaveLength(PEOPLE);
  },
);

test("a claim in flight that the ledger forgets is mailed once, while its worker lives", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, calls, mails } = await setLaggingStage("flight", 5, 0.5);
  stage.startWorker();
  const run = await stage.start();
  await waits(run, "approval_resets");
  stage.workos.faults.add({
    match: { operation: "createPasswordReset", after: 1 },
    times: 1,
    effect: { kind: "delay", ms: 1_500 },
  });
  await approve(run);
  await stage.withLedger(async (ledger) => {
    const states = () => ledger.read((db) => db.selectFrom("mails").select("state").execute());
    await until("one is mailed", async () => (await states()).map(({ state }) => state).join() === "mailed");
    const goBack = await remember(ledger);
    await until("the second call began", () => calls().length === 2);
    await ledger.write(goBack);
  });
  await run.result();
  expect(new Set(mails()).size).toBe(mails().length);
  expect(mails()).toHaveLength(5);
});

test("nobody is mailed twice when PostgreSQL's database goes back, and the worker dies with it", {
  timeout: LONG_TEST_MS,
}, async () => {
  const server = await startPostgres();
  onTestFinished(() => server.stop());
  const { url, backUp, restore } = await ledgerDatabase(server.url);
  const { stage, mails } = await setLaggingStage("pg", 12, 2, url);
  let worker = stage.startWorker();
  const run = await stage.start();
  await waits(run, "approval_resets");
  await worker.end("SIGTERM");
  await until("it is backed up", () =>
    backUp().then(
      () => true,
      () => false,
    ),
  );
  worker = stage.startWorker();
  await approve(run);
  await until("some are mailed", () => mails().length >= 3);
  await worker.end("SIGKILL");
  await restore();
  stage.startWorker();
  await run.result();
  expect(new Set(mails()).size).toBe(mails().length);
  expect(mails()).toHaveLength(12);
});

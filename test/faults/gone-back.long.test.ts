import { expect, test } from "vitest";
import type { Ledger, Tx } from "../../src/ledger/ledger.ts";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { progressOf, setStage } from "./stage.ts";
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

test.each([
  ["goes on", false],
  ["dies with it", true],
] as const)(
  "nobody is mailed twice when the ledger goes back by seconds, and the worker %s",
  {
    timeout: LONG_TEST_MS,
  },
  async (_, isKilled) => {
    const pool = plainPool({ users: PEOPLE, poolId: `eu-west-1_back${isKilled}${process.pid}` });
    const passwordResets = { send: true, perSecond: 10, canary: 0, acceptMfaLoss: true } as const;
    const stage = await setStage({
      pool,
      file: { passwordResets },
      workos: { eventsLagMs: LAG_MS },
    });
    const mails = () =>
      stage.workos.journal.entries.flatMap(({ operation, status, key }) =>
        operation === "createPasswordReset" && status === 201 ? [key] : [],
      );
    const worker = stage.startWorker();
    const run = await stage.start();
    await until("the run waits", async () => (await progressOf(run)).state === "Waiting");
    await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
    await stage.withLedger(async (ledger) => {
      await until("some mails are out", () => mails().length >= KNOWN);
      const goBack = await remember(ledger);
      const known = mails().length;
      await until("more are out", () => mails().length >= known + FORGOTTEN);
      if (isKilled) await worker.end("SIGKILL");
      await ledger.write(goBack);
    });
    if (isKilled) stage.startWorker();
    await run.result();
    expect(new Set(mails()).size).toBe(mails().length);
    expect(mails()).toHaveLength(PEOPLE);
  },
);

import { join } from "node:path";
import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import type { Summary } from "../../src/report/summary.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { approveUpdate, skipProviderUpdate } from "../../src/workflows/messages.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { progressOf, type Run, type Stage } from "./stage.ts";
import { until } from "./until.ts";
import { setCredentialsStage } from "./with-credentials.ts";

/** What a plan says is what the run then does, by every kind and reason: the first run, and one after changes. */

const LONG_TEST_MS = 240_000;
const RESETS = { send: true, canary: 0, perSecond: 200, unverified: "skip", acceptMfaLoss: true } as const;

async function reported(stage: Stage): Promise<Summary> {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    if (migration === undefined) throw new Error("The ledger does not know the migration.");
    return writeReport(ledger, migration, join(freshFolder(), "report"));
  });
}

/** Nothing is waited for by people here. */
async function answered(run: Run): Promise<void> {
  let isOver = false;
  const ended = run.result().finally(() => (isOver = true));
  while (!isOver) {
    const asked = await until(
      "the run asks, or ends",
      async () => {
        if (isOver) return { missing: [], mails: false };
        const { missingProviders: missing, waitsFor } = await progressOf(run);
        const mails = waitsFor?.code === "approval_resets";
        return missing.length > 0 || mails ? { missing, mails } : null;
      },
      90_000,
    );
    for (const { name } of asked.missing)
      await run.executeUpdate(skipProviderUpdate, { args: [{ name, reason: "not in this test" }] });
    if (asked.mails && !isOver) await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  }
  await ended;
}

/** What comes over in the end, whichever of the two told it; and why others do not. */
function toldBy({ byOutcome, byReason, organizations, roles, memberships, applications }: Summary) {
  const { imported = 0, merged = 0, open = 0, skipped = 0, failed = 0 } = byOutcome;
  return {
    coming: imported + merged + open,
    ...{ skipped, failed },
    reasons: byReason
      .filter(({ outcome }) => outcome === "skipped")
      .map(({ reason, users }) => `${reason} ${users}`)
      .sort(),
    ...Object.fromEntries(
      Object.entries({ organizations, roles, memberships, applications }).map(([kind, counts]) => [
        kind,
        { coming: counts.pending + counts.done, failed: counts.failed, skipped: counts.skipped },
      ]),
    ),
  };
}

async function compared(stage: Stage, file: Partial<MigrationFile> = {}): Promise<void> {
  const planned = await (await stage.start({ ...file, dryRun: true })).result();
  const told = await reported(stage);
  const run = await stage.start(file);
  await answered(run);
  const done = await run.result();
  const became = await reported(stage);
  expect(toldBy(became)).toEqual(toldBy(told));
  expect(done.changes).toEqual(planned.changes);
  expect(done.undecided).toBe(planned.undecided);
  expect(done.mails?.mailed).toBe(planned.mails?.mailed);
  expect(done.mails?.notDue).toEqual(planned.mails?.notDue);
  expect(done.mails?.before).toBe(planned.mails?.before);
}

test("a run does what its plan said, the first one and one after changes", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setCredentialsStage({
    poolId: freshPoolId("told"),
    users: 200,
    file: { passwordResets: RESETS, users: { deletedLater: "delete" } },
  });
  await stage.work();
  await compared(stage);
  const { users } = stage.pool;
  const plain = users.filter(({ kind }) => kind === "plain");
  for (const user of plain.slice(0, 4)) user.attributes.given_name = "Renamed";
  for (const user of plain.slice(4, 8)) user.attributes["custom:tenant"] = "elsewhere";
  for (const user of plain.slice(8, 11)) users.splice(users.indexOf(user), 1);
  for (const user of plain.slice(11, 13)) user.enabled = false;
  await compared(stage);
});

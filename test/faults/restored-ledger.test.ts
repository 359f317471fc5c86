import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setPaceUpdate } from "../../src/workflows/messages.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { auditRun } from "./audit.ts";
import { creates, FAST_PACE, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

const USERS = 300;
const LONG_TEST_MS = 120_000;
const BACKED_UP_AT = 60;
const RESTORED_AT = 160;

/** The ledger's file and its logs; nobody has it open. */
function filesOf({ folder }: Stage): string[] {
  return readdirSync(folder).filter((name) => name.startsWith("ledger.db"));
}

function copy(from: string, to: string, names: readonly string[]): void {
  for (const name of names) copyFileSync(join(from, name), join(to, name));
}

test("a ledger restored from a back-up of mid-run doubles nobody", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: USERS,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 60 } },
  });
  let worker = stage.startWorker();
  const run = await stage.start();
  const reached = (count: number) => until(`${count} creates`, () => creates(stage.workos).length >= count);

  await reached(BACKED_UP_AT);
  await worker.end("SIGKILL");
  const backUp = freshFolder();
  const backedUp = filesOf(stage);
  copy(stage.folder, backUp, backedUp);
  worker = stage.startWorker();

  await reached(RESTORED_AT);
  await worker.end("SIGKILL");
  for (const name of filesOf(stage)) rmSync(join(stage.folder, name));
  copy(backUp, stage.folder, backedUp);
  worker = stage.startWorker();

  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  const summary = await run.result();
  await auditRun(stage, summary);
  expect(summary).toMatchObject({ listed: USERS, imported: USERS, failed: 0, open: 0 });
  expect(stage.workos.users.size).toBe(USERS);
});

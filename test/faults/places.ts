import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { historyText } from "./history-text.ts";
import { progressOf, type Run, type Stage } from "./stage.ts";

/** Everything that a run leaves behind, by name: history, progress, each file of the ledger and of the report. */
export async function placesOf(stage: Stage, run: Run): Promise<[string, string][]> {
  const shown = JSON.stringify(await progressOf(run));
  const folder = freshFolder();
  await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    if (migration === undefined) throw new Error("The ledger does not know the migration.");
    await writeReport(ledger, migration, join(folder, "report"));
  });
  const reports = readdirSync(join(folder, "report")).map((name) => join(folder, "report", name));
  const ledgers = readdirSync(stage.folder).filter((name) => name.startsWith("ledger.db"));
  return [
    ["history", historyText(await run.fetchHistory())],
    ["progress", shown],
    ...reports.map((path): [string, string] => [path, readFileSync(path, "latin1")]),
    ...ledgers.map((name): [string, string] => [name, readFileSync(join(stage.folder, name), "latin1")]),
  ];
}

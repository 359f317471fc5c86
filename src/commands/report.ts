import type { Command } from "commander";
import { countsText } from "../report/counts-text.ts";
import { resetsText } from "../report/resets-text.ts";
import { REPORT_FILES, writeReport } from "../report/write-report.ts";
import { type Choice, chooseMigration, ENVIRONMENT_OPTION, POOL_OPTION } from "./choose-migration.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

interface ReportOptions extends Choice {
  out: string;
  force?: boolean;
  json?: boolean;
}

export function addReport(program: Command): void {
  program
    .command("report")
    .description(
      `Writes how everything ended, and what is left to do by hand: ${REPORT_FILES.join(", ")}. Also while a run is in progress.`,
    )
    .requiredOption("--out <folder>", "where the files go; made if it is not there")
    .option(...POOL_OPTION)
    .option(...ENVIRONMENT_OPTION)
    .option("--force", "overwrite what is in the folder")
    .option("--json", "print the summary as JSON")
    .action(report);
}

async function report(options: ReportOptions): Promise<void> {
  const ledger = await openExistingLedger(requiredSettings().ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, options);
    const summary = await writeReport(ledger, migration, options.out, options.force);
    if (options.json) return sayJson(summary);
    const written = `Written into ${options.out}: ${REPORT_FILES.join(", ")}`;
    const parts = [countsText(summary), resetsText(summary.resets), written];
    say(parts.filter((part) => part !== null).join("\n\n"));
  });
}

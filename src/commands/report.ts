import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { countsText } from "../report/counts-text.ts";
import { REPORT_FILES, UNDO_FILES } from "../report/file-names.ts";
import { purgeText } from "../report/purge-text.ts";
import { firstMailsText, plannedMailsText, resetsText } from "../report/resets-text.ts";
import { undoneCounts } from "../report/undo-report.ts";
import { writeReport, writeUndoReport } from "../report/write-report.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { say, sayJson } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

interface ReportOptions extends Choice {
  out: string;
  force?: boolean;
  json?: boolean;
}

export async function report(options: ReportOptions): Promise<void> {
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl);
  await withLedger(ledger, async () => {
    const migration = await chooseMigration(ledger, options, settings);
    if (migration.undo !== null) return reportUndone(ledger, migration, options);
    const summary = await writeReport(ledger, migration, options.out, options.force);
    if (options.json) return sayJson(summary);
    const written = `Written into ${options.out}: ${REPORT_FILES.join(", ")}`;
    const isPlan = summary.mode === "plan";
    const parts = [
      purgeText(migration.purge),
      isPlan ? "This is a plan: nothing was written. What a run would do:" : null,
      countsText(summary),
      isPlan ? plannedMailsText(summary.findings) : resetsText(summary.resets),
      firstMailsText(summary.firstMails),
      written,
    ];
    say(parts.filter((part) => part !== null).join("\n\n"));
  });
}

async function reportUndone(
  ledger: Ledger,
  migration: MigrationRow,
  { out, force, json }: ReportOptions,
): Promise<void> {
  const summary = await writeUndoReport(ledger, migration, out, force);
  if (json) return sayJson(summary);
  say([undoneCounts(summary), `Written into ${out}: ${UNDO_FILES.join(", ")}`].join("\n\n"));
}

import { vendorOf } from "../destinations/registry.ts";
import { PLACED_KINDS } from "../domain/books.ts";
import { UNDO_KINDS } from "../domain/undo-words.ts";
import { readCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { MAILED, SECRETS } from "../plan/counters.ts";
import type { UNDO_FILES } from "./file-names.ts";
import { writeText } from "./files.ts";
import { undoPage } from "./html/undo-page.ts";
import { SUMMARY_SCHEMA_FILE, summarySchemaText } from "./summary-schema.ts";
import { UNDO_OUTCOMES, UNDO_PLAN, type UndoTally, writeUndoCsv } from "./undo-csv.ts";

/** What summary.json holds of a migration that was undone. Times are ISO 8601. */
export interface UndoneSummary {
  mode: "undo";
  /** `unfinished` as long as something of it is open: the same command goes on. */
  result: "undone" | "unfinished";
  pool: string;
  region: string;
  destination: string;
  environment: string;
  generation: number;
  writtenAt: string;
  byKind: UndoTally;
}

export async function writeUndoFiles(
  ledger: Ledger,
  migration: MigrationRow,
  pathOf: (name: (typeof UNDO_FILES)[number]) => string,
): Promise<UndoneSummary> {
  const { byKind, reasons } = await writeUndoCsv(pathOf("undo.csv"), ledger, migration);
  const { done, counters } = await readCursor(ledger, { ...runOf(migration), name: UNDO_PLAN });
  const isOpen = !done || PLACED_KINDS.some((kind) => byKind[kind].open > 0);
  const summary: UndoneSummary = {
    mode: "undo",
    result: isOpen ? "unfinished" : "undone",
    pool: migration.file.source.userPoolId,
    region: migration.file.source.region,
    destination: migration.destinationKind,
    environment: migration.environment,
    generation: migration.generation,
    writtenAt: new Date().toISOString(),
    byKind,
  };
  const page = await undoPage({
    summary,
    reasons,
    vendorName: vendorOf(migration.file.destination.kind).name,
    mailed: counters[MAILED] ?? 0,
    secretsKept: counters[SECRETS] ?? 0,
  });
  await writeText(pathOf("report.html"), page);
  await writeText(pathOf(SUMMARY_SCHEMA_FILE), summarySchemaText());
  const named = { $schema: SUMMARY_SCHEMA_FILE, ...summary };
  await writeText(pathOf("summary.json"), `${JSON.stringify(named, null, 2)}\n`);
  return summary;
}

/** A line a kind of which there was something. */
export function undoneCounts({ result, byKind }: UndoneSummary): string {
  const lines = PLACED_KINDS.flatMap((kind) => {
    const parts = UNDO_OUTCOMES.filter((outcome) => byKind[kind][outcome] > 0).map(
      (outcome) => `${byKind[kind][outcome].toLocaleString("en-US")} ${outcome}`,
    );
    return parts.length === 0 ? [] : [`- ${UNDO_KINDS[kind]}: ${parts.join(", ")}`];
  });
  const head =
    result === "undone" ? "This migration was undone:" : "An undo of this migration has not ended:";
  return [head, ...lines].join("\n");
}

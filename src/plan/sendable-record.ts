import type { Migration } from "../domain/migration.ts";
import type { KnowsRecords, RecordProblem, UserRecord } from "../domain/records.ts";
import { toRecord, withoutFields } from "./record.ts";

/** What is sent for a source user, and what had to be left out of it. `attributes` is the ledger's JSON text. */
export function sendableRecord(
  destination: KnowsRecords,
  file: Migration,
  sub: string,
  attributes: string,
): { record: UserRecord; problems: RecordProblem[] } {
  // Written by upsertSourceUsers only.
  const full = toRecord(
    sub,
    JSON.parse(attributes) as Record<string, string>,
    file.attributes,
    file.metadata,
  );
  const problems = destination.recordProblems(full);
  const refused = problems.map((problem) => problem.attribute);
  return { record: withoutFields(full, refused), problems };
}

/** As the source has it; null where it has none. `attributes` is the ledger's JSON text. */
export function languageOf(attributes: string): string | null {
  // Written by upsertSourceUsers only.
  const { locale } = JSON.parse(attributes) as Record<string, string>;
  return locale ?? null;
}

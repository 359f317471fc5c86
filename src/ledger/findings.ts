import { type Draft, type Finding, sentenceOf } from "../domain/findings.ts";
import { storable } from "../plan/texts.ts";
import type { Db, Tx } from "./ledger.ts";
import { refuseEarlier } from "./runs.ts";

/** Keeps a statement short, and under SQLite's limit of variables. */
const SLICE = 500;

/** Replaces the findings of one phase by these, unless a later run has begun. */
export async function replaceFindings(
  tx: Tx,
  migrationId: number,
  generation: number,
  phase: string,
  drafts: readonly Draft[],
): Promise<void> {
  await refuseEarlier(tx, { migrationId, generation });
  await tx
    .deleteFrom("findings")
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .execute();
  const rows = drafts.map((draft, ordinal) => {
    const { severity, code } = draft;
    const subject = storable(draft.subject);
    const sentence = storable(sentenceOf(draft));
    return { migration_id: migrationId, generation, phase, ordinal, severity, code, subject, sentence };
  });
  for (let from = 0; from < rows.length; from += SLICE)
    await tx
      .insertInto("findings")
      .values(rows.slice(from, from + SLICE))
      .execute();
}

export async function readFindings(db: Db, migrationId: number): Promise<Finding[]> {
  return db
    .selectFrom("findings")
    .select(["phase", "severity", "code", "subject", "sentence"])
    .where("migration_id", "=", migrationId)
    .orderBy("phase")
    .orderBy("code")
    .orderBy("subject")
    .orderBy("ordinal")
    .execute();
}

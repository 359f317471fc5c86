import type { Db, Tx } from "./ledger.ts";

export interface Finding {
  phase: string;
  severity: "info" | "warning" | "blocker";
  /** Stable word, listed in the documentation. */
  code: string;
  /** What it is about: an attribute, a group; never a person's data. */
  subject: string;
  /** One sentence: what, where, what to do. */
  sentence: string;
}

/** Replaces the findings of one phase by these. */
export async function replaceFindings(
  tx: Tx,
  migrationId: number,
  generation: number,
  phase: string,
  findings: readonly Omit<Finding, "phase">[],
): Promise<void> {
  await tx
    .deleteFrom("findings")
    .where("migration_id", "=", migrationId)
    .where("phase", "=", phase)
    .execute();
  if (findings.length === 0) return;
  await tx
    .insertInto("findings")
    .values(findings.map((finding) => ({ migration_id: migrationId, generation, phase, ...finding })))
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
    .execute();
}

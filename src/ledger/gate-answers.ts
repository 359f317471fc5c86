import type { Db, Tx } from "./ledger.ts";
import { type RunOfMigration, refuseEarlier } from "./runs.ts";
import type { GateAnswerTable } from "./schema.ts";

/** What a person told a run at the gate of an identity provider, for the runs after it. */
export type GateAnswer = Omit<GateAnswerTable, "migration_id" | "generation">;

/** Those of earlier runs. An undo takes back what was answered before it. */
export function keptAnswers(db: Db, { migrationId, generation }: RunOfMigration): Promise<GateAnswer[]> {
  return db
    .selectFrom("gate_answers as a")
    .innerJoin("migrations as m", "m.id", "a.migration_id")
    .select(["a.name", "a.state", "a.reason", "a.configured", "a.fault", "a.found"])
    .where("a.migration_id", "=", migrationId)
    .where("a.generation", "<", generation)
    .whereRef("a.generation", ">", "m.undone_generation")
    .orderBy("a.name")
    .execute();
}

export async function keepAnswers(
  tx: Tx,
  run: RunOfMigration,
  answers: readonly GateAnswer[],
): Promise<void> {
  await refuseEarlier(tx, run);
  const { migrationId, generation } = run;
  for (const answer of answers) {
    const { name, ...told } = { ...answer, generation };
    await tx
      .insertInto("gate_answers")
      .values({ migration_id: migrationId, name, ...told })
      .onConflict((conflict) => conflict.columns(["migration_id", "name"]).doUpdateSet(told))
      .execute();
  }
}

/** Of earlier runs, all but these: they were asked, and held no more. */
export async function forgetOtherAnswers(
  tx: Tx,
  run: RunOfMigration,
  holding: readonly string[],
): Promise<void> {
  await refuseEarlier(tx, run);
  await tx
    .deleteFrom("gate_answers")
    .where("migration_id", "=", run.migrationId)
    .where("generation", "<", run.generation)
    .$if(holding.length > 0, (others) => others.where("name", "not in", holding))
    .execute();
}

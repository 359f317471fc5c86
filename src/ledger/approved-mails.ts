import type { Db, Tx } from "./ledger.ts";
import { type RunOfMigration, refuseEarlier } from "./runs.ts";
import type { ApprovedMailsTable } from "./schema.ts";

/** Whose campaign it is: a redrive has the generation of the run before, and a campaign of its own. */
type CampaignRun = RunOfMigration & { firstRunId: string };

/** The newest campaign of a migration that goes by an approval, or asks for one. */
export type ApprovedMails = Omit<ApprovedMailsTable, "migration_id">;

/** Undefined where there is none, or an undo or a purge came after it: what was approved is over then. */
export function approvedMails(db: Db, { migrationId }: RunOfMigration): Promise<ApprovedMails | undefined> {
  return db
    .selectFrom("approved_mails as a")
    .innerJoin("migrations as m", "m.id", "a.migration_id")
    .select(["a.generation", "a.run_id", "a.incarnation", "a.settings", "a.people"])
    .select(["a.asking", "a.approved", "a.ended"])
    .where("a.migration_id", "=", migrationId)
    .whereRef("a.generation", ">", "m.undone_generation")
    .where(({ eb, fn, val }) =>
      eb("a.generation", ">", fn.coalesce("m.purged_generation", val(0)).$castTo<number>()),
    )
    .executeTakeFirst();
}

type Campaign = Pick<ApprovedMails, "settings" | "people" | "incarnation" | "asking">;

/** Before the first mail that somebody may look at, and before the question: it takes the place of the campaign before. */
export function beginAsking(tx: Tx, run: CampaignRun, campaign: Campaign): Promise<void> {
  return note(tx, run, { ...campaign, approved: 0 });
}

/** Before the first mail that goes by an approval, also by one that an earlier run was given. */
export function beginApproved(tx: Tx, run: CampaignRun, campaign: Campaign): Promise<void> {
  return note(tx, run, { ...campaign, approved: 1 });
}

async function note(
  tx: Tx,
  run: CampaignRun,
  campaign: Campaign & Pick<ApprovedMails, "approved">,
): Promise<void> {
  await refuseEarlier(tx, run);
  const { migrationId, generation, firstRunId } = run;
  const columns = { ...campaign, generation, run_id: firstRunId, ended: 0 as const };
  await tx
    .insertInto("approved_mails")
    .values({ migration_id: migrationId, ...columns })
    .onConflict((conflict) => conflict.column("migration_id").doUpdateSet(columns))
    .execute();
}

/** This run has come to the end of its campaign. */
export async function endApproved(
  tx: Tx,
  { migrationId, generation, firstRunId }: CampaignRun,
): Promise<void> {
  await tx
    .updateTable("approved_mails")
    .set({ ended: 1 })
    .where("migration_id", "=", migrationId)
    .where("generation", "=", generation)
    .where("run_id", "=", firstRunId)
    .execute();
}

import type { RunRef, VerifySummary } from "../../domain/contract.ts";
import { countDifferences } from "../../ledger/differences.ts";
import { countStanding } from "../../ledger/placed.ts";
import { disownMigration } from "../../ledger/runs.ts";
import type { Deps } from "../deps.ts";

/** The last step of a verification: its result; and the migration is free for the next run. */
export async function closeVerify(deps: Deps, { run }: { run: RunRef }): Promise<VerifySummary> {
  const { ledger } = deps;
  const people = await countStanding(ledger, run.migrationId, "user");
  const differences = await countDifferences(ledger, run.migrationId);
  await ledger.write((tx) => disownMigration(tx, run.migrationId, run.firstRunId));
  const { ledgerId, environment } = run;
  return { mode: "verify", ledgerId, environment, people, differences };
}

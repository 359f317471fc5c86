import { resetsAfter } from "../ledger/campaign.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { type ResetStanding, resetStanding } from "../plan/reset-standing.ts";
import { writeCsv } from "./files.ts";
import { type ResetCounts, ResetTally } from "./reset-tally.ts";

const COLUMNS = ["cognito_sub", "destination_user_id", "outcome", "reason", "reset_id", "at"];
/** Bounds memory and keeps every statement short. */
const SLICE_USERS = 1_000;

/**
 * One line for each imported person where the file sends resets; where it does not, for those with whom an earlier run
 * had to do. Returns how they ended.
 */
export async function writeResetsCsv(
  path: string,
  ledger: Ledger,
  migration: Pick<MigrationRow, "id" | "generation" | "file">,
): Promise<ResetCounts> {
  const tally = new ResetTally();
  await writeCsv(path, COLUMNS, rows(ledger, migration, tally));
  return tally.counts();
}

async function* rows(
  ledger: Ledger,
  migration: Pick<MigrationRow, "id" | "generation" | "file">,
  tally: ResetTally,
): AsyncGenerator<(string | null)[]> {
  let after = "";
  for (;;) {
    const position = after;
    const { people, lastSub } = await ledger.read((db) =>
      resetsAfter(db, runOf(migration), position, SLICE_USERS),
    );
    if (lastSub === null) return;
    for (const person of people) {
      const standing = resetStanding(person, migration.file.passwordResets);
      if (standing === null) continue;
      tally.add(standing);
      yield row(standing);
    }
    after = lastSub;
  }
}

function row({ sub, userId, outcome, reason, resetId, settledAtMs }: ResetStanding): (string | null)[] {
  const at = settledAtMs === null ? null : new Date(settledAtMs).toISOString();
  return [sub, userId, outcome, reason, resetId, at];
}

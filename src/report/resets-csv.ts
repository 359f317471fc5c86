import { resetsAfter } from "../ledger/campaign.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { type ResetStanding, resetStanding } from "../plan/reset-standing.ts";
import { fillCsv } from "./files.ts";
import { modeOf } from "./mode.ts";
import { type ResetCounts, ResetTally } from "./reset-tally.ts";

const COLUMNS = ["cognito_sub", "destination_user_id", "outcome", "reason", "reset_id", "at", "mode"];
/** Bounds memory and keeps every statement short. */
const SLICE_USERS = 1_000;

/**
 * One line for each imported person where the file sends resets; where it does not, for those with whom an earlier run
 * had to do. `note` hears of each. Returns how they ended.
 */
export async function writeResetsCsv(
  path: string,
  ledger: Ledger,
  migration: Reported,
  note: (standing: ResetStanding) => Promise<void> = async () => undefined,
): Promise<ResetCounts> {
  const mode = modeOf(migration);
  const tally = new ResetTally();
  await fillCsv(path, COLUMNS, async (file) => {
    for await (const standing of standings(ledger, migration)) {
      tally.add(standing);
      await note(standing);
      await file.add([...row(standing), mode]);
    }
  });
  return tally.counts();
}

type Reported = Pick<MigrationRow, "id" | "generation" | "file">;

/** Of a plan, how a run would end it: nobody stays open. */
async function* standings(ledger: Ledger, migration: Reported): AsyncGenerator<ResetStanding> {
  const isPlan = modeOf(migration) === "plan";
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
      yield isPlan && standing.outcome === "open" ? { ...standing, outcome: "mailed" } : standing;
    }
    after = lastSub;
  }
}

function row({ sub, userId, outcome, reason, resetId, settledAtMs }: ResetStanding): (string | null)[] {
  const at = settledAtMs === null ? null : new Date(settledAtMs).toISOString();
  return [sub, userId, outcome, reason, resetId, at];
}

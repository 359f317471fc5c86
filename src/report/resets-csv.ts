import { resetsAfter } from "../ledger/campaign.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { type ResetStanding, type ResetState, resetStanding } from "../plan/reset-standing.ts";
import { fillCsv } from "./files.ts";
import { modeOf } from "./mode.ts";
import { type ResetCounts, ResetTally } from "./reset-tally.ts";

const COLUMNS = ["cognito_sub", "destination_user_id", "outcome", "reason", "reset_id", "at", "mode"];
/** Bounds memory and keeps every statement short. */
const SLICE_USERS = 1_000;

/**
 * One line for each imported person where the file sends resets; where it does not, for those with whom an earlier run
 * had to do. `told` hears of each, and of everybody with an account; of a plan, also of those whom a run would give one.
 * Returns how they ended.
 */
export async function writeResetsCsv(
  path: string,
  ledger: Ledger,
  migration: Reported,
  told: Told = {},
): Promise<ResetCounts> {
  const mode = modeOf(migration);
  const tally = new ResetTally();
  await fillCsv(path, COLUMNS, async (file) => {
    for await (const { person, standing } of standings(ledger, migration)) {
      told.person?.(person);
      if (standing === null) continue;
      tally.add(standing);
      await told.standing?.(standing);
      await file.add([...row(standing), mode]);
    }
  });
  return tally.counts();
}

interface Told {
  person?: (person: ResetState) => void;
  standing?: (standing: ResetStanding) => Promise<void>;
}

type Reported = Pick<MigrationRow, "id" | "generation" | "file">;

interface Seen {
  person: ResetState;
  /** Null where no campaign has to do with them. */
  standing: ResetStanding | null;
}

/** Of a plan, how a run would end it: nobody stays open. */
async function* standings(ledger: Ledger, migration: Reported): AsyncGenerator<Seen> {
  const isPlan = modeOf(migration) === "plan";
  let after = "";
  for (;;) {
    const position = after;
    const { people, lastSub } = await ledger.read((db) =>
      resetsAfter(db, runOf(migration), position, SLICE_USERS, isPlan),
    );
    if (lastSub === null) return;
    for (const person of people) {
      const standing = resetStanding(person, migration.file.passwordResets);
      const isToCome = isPlan && standing?.outcome === "open";
      yield { person, standing: isToCome ? { ...standing, outcome: "mailed" } : standing };
    }
    after = lastSub;
  }
}

function row({ sub, userId, outcome, reason, resetId, settledAtMs }: ResetStanding): (string | null)[] {
  const at = settledAtMs === null ? null : new Date(settledAtMs).toISOString();
  return [sub, userId, outcome, reason, resetId, at];
}

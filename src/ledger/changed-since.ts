import { DISABLED_SINCE, OTHER_ADDRESS, PLAN_WALK } from "../plan/counters.ts";
import { readCursor } from "./cursors.ts";
import type { Ledger } from "./ledger.ts";
import type { RunOfMigration } from "./runs.ts";

/** People with an account about whom somebody has to do something, since they changed in Cognito after the import. */
export interface ChangedSince {
  /** Disabled, and their account works. */
  disabled: number;
  /** Their account holds the address of before. */
  otherAddress: number;
}

/** As the plan of this run counted them. */
export async function changedSince(
  ledger: Ledger,
  { migrationId, generation }: RunOfMigration,
): Promise<ChangedSince> {
  const { counters } = await readCursor(ledger, { migrationId, generation, name: PLAN_WALK });
  return { disabled: counters[DISABLED_SINCE] ?? 0, otherAddress: counters[OTHER_ADDRESS] ?? 0 };
}

import { readCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { RunOfMigration } from "../ledger/runs.ts";
import { DISABLED_SINCE, OTHER_ADDRESS } from "../plan/counters.ts";

/** People with an account about whom somebody has to do something, since they changed in Cognito after the import. */
export interface ChangedSince {
  /** Disabled, and their account works. */
  disabled: number;
  /** Their account holds the address of before. */
  otherAddress: number;
}

/** As the newest plan counted them. */
export async function changedSince(ledger: Ledger, run: RunOfMigration): Promise<ChangedSince> {
  const { counters } = await readCursor(ledger, { ...run, name: "plan" });
  return { disabled: counters[DISABLED_SINCE] ?? 0, otherAddress: counters[OTHER_ADDRESS] ?? 0 };
}

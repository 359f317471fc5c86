import type { Destination } from "../../destinations/destination.ts";
import type { Ledger, Tx } from "../../ledger/ledger.ts";
import type { Migration } from "../../migration.ts";
import type { GroupRole } from "../../plan/roles.ts";
import type { RunRef } from "../../workflows/contract.ts";
import type { Pulse } from "../pulse.ts";
import { step } from "../steps.ts";

/** What one attempt of the plan phase works with. */
export interface Planning {
  ledger: Ledger;
  pulse: Pulse;
  run: RunRef;
  file: Migration;
  destination: Destination;
  /** Of the pool's groups. */
  roles: readonly GroupRole[];
}

/** One slice of the plan. */
export function slice<T>(planning: Planning, work: (tx: Tx) => Promise<T>): Promise<T> {
  planning.pulse.throwIfCancelled();
  return step(planning, work);
}

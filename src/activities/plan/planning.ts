import type { Destination } from "../../destinations/destination.ts";
import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import { step } from "../../engine/steps.ts";
import type { Ledger, Tx } from "../../ledger/ledger.ts";
import type { GroupRole } from "../../plan/roles.ts";

/** What one attempt of the plan phase works with. */
export interface Planning {
  ledger: Ledger;
  pulse: Pulse;
  run: RunRef;
  file: Migration;
  destination: Destination;
  /** Of the pool's groups. */
  roles: readonly GroupRole[];
  /** Names of groups that were deleted while they were read: nobody is their member. */
  goneGroups: ReadonlySet<string>;
}

/** One slice of the plan. */
export function slice<T>(planning: Planning, work: (tx: Tx) => Promise<T>): Promise<T> {
  planning.pulse.throwIfCancelled();
  return step(planning, work);
}

import { blocked } from "../domain/blocked.ts";
import type { Blocked, RunRef } from "../domain/contract.ts";
import type { Migration } from "../domain/migration.ts";
import type { Deps } from "./deps.ts";

/** Why this worker must not touch the run; null for one of the run's own. */
export function foreignWorker({ ledger, environmentOf, identity }: Deps, run: RunRef): Blocked | null {
  const { ledgerId, destinationKind, environment } = run;
  if (ledgerId === ledger.id && environmentOf(destinationKind) === environment) return null;
  return blocked("foreign_worker", {
    detail: `it is ${identity}; the run has ledger=${ledgerId} ${destinationKind}=${environment}`,
  });
}

/** The same before the run is opened: null where its input names this worker's environment, or none. */
export function foreignToPlace(
  { environmentOf, identity }: Deps,
  { kind, environment }: Migration["destination"],
): Blocked | null {
  if (environment === undefined || environmentOf(kind) === environment) return null;
  return blocked("foreign_worker", { detail: `it is ${identity}; the run is for ${kind}=${environment}` });
}

/** Nobody is told by the wrong worker: another one may take the attempt that comes next. */
export class ForeignWorkerError extends Error {
  override readonly name = "ForeignWorkerError";
}

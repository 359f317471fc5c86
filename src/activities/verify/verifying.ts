import type { RunRef } from "../../domain/contract.ts";
import type { Migration } from "../../domain/migration.ts";
import type { DestinationTools } from "../../engine/ask-destination.ts";
import type { Ledger } from "../../ledger/ledger.ts";

/** What one attempt of the verify phase works with. */
export interface Verifying extends DestinationTools {
  ledger: Ledger;
  run: RunRef;
  file: Migration;
}

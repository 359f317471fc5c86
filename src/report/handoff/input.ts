import type { RegisteredVendor } from "../../destinations/registry.ts";
import type { MigrationRow } from "../../ledger/runs.ts";
import type { ResetCounts } from "../reset-tally.ts";
import type { SetUp } from "../set-up.ts";

/** What the document is made of. Nothing of it is about a single person, and nothing is secret. */
export interface HandOffInput {
  migration: MigrationRow;
  setUp: SetUp;
  vendor: Pick<RegisteredVendor, "name" | "facts" | "handOver">;
  /** How many people attributes.jsonl has. */
  peopleWithAttributes: number;
  resets: ResetCounts;
  /** How many people wait for a decision. */
  undecided: number;
}

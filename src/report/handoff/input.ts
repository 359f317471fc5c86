import type { RegisteredVendor } from "../../destinations/registry.ts";
import type { ChangedSince } from "../../ledger/changed-since.ts";
import type { MigrationRow } from "../../ledger/runs.ts";
import type { SetUp } from "../set-up.ts";
import type { Summary } from "../summary.ts";

/** What the document is made of. Nothing of it is about a single person, and nothing is secret. */
export interface HandOffInput {
  migration: MigrationRow;
  setUp: SetUp;
  vendor: Pick<RegisteredVendor, "name" | "facts" | "handOver">;
  /** How many people attributes.jsonl has. */
  peopleWithAttributes: number;
  changedSince: ChangedSince;
  summary: Pick<Summary, "mode" | "listed" | "byOutcome" | "byReason" | "resets">;
}

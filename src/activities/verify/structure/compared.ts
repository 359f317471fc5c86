import type { Holdings } from "../../../destinations/destination.ts";
import type { Blocked } from "../../../domain/contract.ts";
import type { StructureRows } from "../../../domain/findings/verification.ts";
import type { PlannedObject } from "../../../domain/records.ts";
import type { Cursor } from "../../../ledger/cursors.ts";
import type { Placed } from "../../../ledger/placed.ts";
import type { Told } from "../told.ts";
import type { Verifying } from "../verifying.ts";

/** Something beside people and memberships that the ledger knows of. */
export interface Known {
  key: string;
  /** Null for what only the plan of this run has. */
  placed: Placed | null;
  /** What it was to be by the newest plan that had it; empty where that is forgotten. */
  planned: Readonly<Record<string, unknown>>;
  /** At the destination, of the organization that it belongs to; null for one that belongs to none that stands. */
  organizationId: string | null;
}

/** Something that stands by the ledger. */
export interface Written extends Known {
  placed: Placed;
}

/** How things of one kind are compared with what was written. `Found` is such a thing at the destination. */
export interface Compared<Found> {
  kind: Exclude<PlannedObject["kind"], "membership">;
  /** As findings name them. */
  rows: StructureRows;
  /** Undefined where the destination does not tell. */
  holdings: Holdings<Found> | undefined;
  /** Keys under which the ledger may have it, by what it carries of ours. */
  keysOf(found: Found): readonly string[];
  /** Whether it carries what this one was written with, or is to be, and may stand in its place. */
  carriesKeyOf(found: Found, known: Known): boolean;
  /** Whether what nobody here made or planned is of this pool all the same. */
  isOfPool(found: Found): boolean;
  /** False where a destination keeps the key unique: then a second one is told as the first one's loss. */
  mayHaveTwins: boolean;
  tell(found: Found, written: Written, told: Told): void;
  /** What the ledger keeps of it beside its id. */
  detailsOf(found: Found): object | null;
  /**
   * `stands`: made anew by hand with the same key, it takes the place of what is gone; until then each run tells that it is
   * missing. `removed`: nothing would tell that the other one is ours.
   */
  whenGone: "stands" | "removed";
  /** What is asked for apart, of each that was seen. */
  parts?: { name: string; walk(verifying: Verifying, until: number): Promise<Cursor | Blocked> };
}

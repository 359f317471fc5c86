import type { PlacedKind } from "../../domain/books.ts";
import type { Tally } from "../../engine/tally.ts";
import type { DifferenceKind, FoundDifference } from "../../ledger/differences.ts";

export const MAX_EXAMPLES = 2;

/** What a slice of the verify phase finds: counted for its findings, and each difference a row. */
export class Told {
  readonly tally: Tally;
  readonly rows: FoundDifference[] = [];

  constructor(tally: Tally) {
    this.tally = tally;
  }

  /** `example` is what a finding may show, for example a sub; null for what it may not. */
  count(name: string, example: string | null): void {
    if (example === null) this.tally.add(name, 1);
    else this.tally.addWithExample(name, example, MAX_EXAMPLES);
  }

  row(kind: PlacedKind, key: string, difference: DifferenceKind, field = ""): void {
    this.rows.push({ kind, key, difference, field });
  }
}

import type { FoundDifference } from "../ledger/differences.ts";

export interface DifferenceCount extends Pick<FoundDifference, "kind" | "difference" | "field"> {
  count: number;
}

/** How many differences there are of each kind, most frequent first. */
export class DifferenceTally {
  readonly #byKind = new Map<string, DifferenceCount>();

  add({ kind, difference, field }: FoundDifference): void {
    const key = JSON.stringify([kind, difference, field]);
    const entry = this.#byKind.get(key) ?? { kind, difference, field, count: 0 };
    entry.count += 1;
    this.#byKind.set(key, entry);
  }

  counts(): DifferenceCount[] {
    return [...this.#byKind.values()].sort((a, b) => b.count - a.count);
  }
}

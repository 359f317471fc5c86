import type { LeftAttribute, LeftBehindWhy } from "../plan/left-behind.ts";

export interface LeftBehindCount {
  attribute: string;
  why: LeftBehindWhy;
  users: number;
}

/** How many people have an attribute that did not come along, by attribute and why. */
export class LeftBehindTally {
  readonly #byKey = new Map<string, LeftBehindCount>();

  add({ attribute, why }: Pick<LeftAttribute, "attribute" | "why">): void {
    const key = JSON.stringify([attribute, why]);
    const entry = this.#byKey.get(key) ?? { attribute, why, users: 0 };
    entry.users += 1;
    this.#byKey.set(key, entry);
  }

  /** Most frequent first. */
  counts(): LeftBehindCount[] {
    return [...this.#byKey.values()].sort(
      (a, b) => b.users - a.users || (a.attribute < b.attribute ? -1 : 1),
    );
  }
}

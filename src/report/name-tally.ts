/** How often each of many names came. */
export class NameTally {
  readonly #byName = new Map<string, number>();

  add(name: string): void {
    this.#byName.set(name, (this.#byName.get(name) ?? 0) + 1);
  }

  counts(): NameCounts {
    const all = [...this.#byName].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    return { names: all.length, total: all.reduce((sum, [, n]) => sum + n, 0), all };
  }
}

export interface NameCounts {
  names: number;
  total: number;
  /** Most frequent first. */
  all: readonly (readonly [name: string, count: number])[];
}

import type { Counters } from "../ledger/cursors.ts";

/** Counters of a walk that survive a crash with it. Example subs are kept as names, because values are numbers. */
export class Tally {
  readonly #counters: Record<string, number>;

  constructor(counters: Counters) {
    this.#counters = { ...counters };
  }

  get(name: string): number {
    return this.#counters[name] ?? 0;
  }

  add(name: string, n: number): void {
    if (n !== 0) this.#counters[name] = this.get(name) + n;
  }

  /** Counts one person and remembers the first few of them. */
  addWithExample(name: string, sub: string, maxExamples: number): void {
    this.add(name, 1);
    if (this.get(name) <= maxExamples) this.#counters[`example:${sub}:${name}`] = 1;
  }

  examples(name: string): string[] {
    const suffix = `:${name}`;
    return Object.keys(this.#counters)
      .filter((key) => key.startsWith("example:") && key.endsWith(suffix))
      .map((key) => key.slice("example:".length, -suffix.length));
  }

  /** The counters whose names begin so, without the prefix. */
  withPrefix(prefix: string): [string, number][] {
    return Object.entries(this.#counters)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, count]) => [name.slice(prefix.length), count]);
  }

  all(): Counters {
    return this.#counters;
  }
}

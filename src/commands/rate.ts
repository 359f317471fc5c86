/** Over how long a rate is averaged: long enough to be calm, short enough to follow a new pace. */
const WINDOW_MS = 10_000;

/** How fast a count has grown of late. */
export class Rate {
  readonly #samples: { atMs: number; count: number }[] = [];

  /** Per second; null before it is known. */
  of(count: number, atMs: number): number | null {
    this.#samples.push({ atMs, count });
    while ((this.#samples[1]?.atMs ?? atMs) <= atMs - WINDOW_MS) this.#samples.shift();
    const first = this.#samples[0];
    if (first === undefined || atMs - first.atMs < 500) return null;
    return ((count - first.count) * 1_000) / (atMs - first.atMs);
  }
}

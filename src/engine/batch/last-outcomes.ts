/** How the newest outcomes of a range ended, in the order in which they were known. */
export class LastOutcomes {
  readonly #size: number;
  readonly #codes: (string | null)[] = [];
  readonly #failures = new Map<string, number>();

  constructor(size: number) {
    this.#size = size;
  }

  /** `code` is null unless it is judged. Answers how often each code is among the last ones, this one included. */
  add(code: string | null): ReadonlyMap<string, number> {
    this.#codes.push(code);
    this.#count(code, 1);
    if (this.#codes.length > this.#size) this.#count(this.#codes.shift() ?? null, -1);
    return this.#failures;
  }

  #count(code: string | null, by: 1 | -1): void {
    if (code !== null) this.#failures.set(code, (this.#failures.get(code) ?? 0) + by);
  }
}

import { setTimeout as sleep } from "node:timers/promises";

/** More work at once would be a flood that no destination lets through. */
const MAX_AT_WORK = 1_000;
/** Each answer that waits for its time holds a socket and its request in memory, and no destination's time. */
const MAX_HELD = 10_000;

/** Nobody waits longer for an answer because it came late. */
const LONGEST_MS = 20_000;

/**
 * Answers whose time would tell something about a person: they come when a fixed time is over. Where the work took
 * longer, twice that time, or four times: the later it is, the wider apart, because times differ by more then.
 */
export class EvenAnswers {
  readonly #stepMs: number;
  #atWork = 0;
  /** At work or waiting for its time. */
  #held = 0;

  constructor(stepMs: number) {
    this.#stepMs = stepMs;
  }

  /**
   * The outcome of the work: at once where `isShownAtOnce`, else when the step is over since it began, or it doubled.
   * Where too much work is under way, or too many answers wait, nothing begins, whoever asks, and the answer is
   * `tooMany`. `longestMs` is for callers with less patience. With a `turn` the step begins when that does, and it ends
   * with the answer: who waits behind a refusal waits for its whole step, so that waiting tells nothing either.
   */
  async of<T>(
    work: () => Promise<T>,
    {
      isShownAtOnce,
      tooMany,
      longestMs = LONGEST_MS,
      turn = (held) => held(),
    }: {
      isShownAtOnce: (outcome: T) => boolean;
      tooMany: T;
      longestMs?: number;
      turn?: (held: () => Promise<T>) => Promise<T>;
    },
  ): Promise<T> {
    if (this.#atWork >= MAX_AT_WORK || this.#held >= MAX_HELD) return tooMany;
    this.#held += 1;
    try {
      return await turn(() => this.#evened(work, isShownAtOnce, longestMs));
    } finally {
      this.#held -= 1;
    }
  }

  async #evened<T>(
    work: () => Promise<T>,
    isShownAtOnce: (outcome: T) => boolean,
    longestMs: number,
  ): Promise<T> {
    const stepMs = Math.min(this.#stepMs, longestMs);
    const { promise: stepOver, resolve } = Promise.withResolvers<void>();
    const beganAtMs = performance.now();
    // Set before the work: whatever it is, it does not move the instant.
    const timer = setTimeout(resolve, stepMs);
    try {
      const outcome = await this.#worked(work);
      if (isShownAtOnce(outcome)) return outcome;
      const tookMs = performance.now() - beganAtMs;
      if (tookMs > stepMs) await sleep(nextStepMs(tookMs, stepMs, longestMs) - tookMs);
      else await stepOver;
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  }

  async #worked<T>(work: () => Promise<T>): Promise<T> {
    this.#atWork += 1;
    try {
      return await work();
    } finally {
      this.#atWork -= 1;
    }
  }
}

function nextStepMs(tookMs: number, stepMs: number, longestMs: number): number {
  const doubledMs = stepMs * 2 ** Math.ceil(Math.log2(tookMs / stepMs));
  return Math.max(tookMs, Math.min(doubledMs, longestMs));
}

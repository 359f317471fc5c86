import { setTimeout as sleep } from "node:timers/promises";
import { Line } from "./turns.ts";

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
   * `tooMany`. `longestMs` is for callers with less patience. In a `line` the work comes after the work before it, and
   * waits for no answer. But the step of a refusal begins when the refusal before it is due: how long the work before took
   * would add up, and tell.
   */
  async of<T>(
    work: () => Promise<T>,
    {
      isShownAtOnce,
      tooMany,
      longestMs = LONGEST_MS,
      line = new Line(),
    }: { isShownAtOnce: (outcome: T) => boolean; tooMany: T; longestMs?: number; line?: Line },
  ): Promise<T> {
    if (this.#atWork >= MAX_AT_WORK || this.#held >= MAX_HELD) return tooMany;
    this.#held += 1;
    const latestAtMs = performance.now() + longestMs;
    try {
      const { outcome, dueIn } = await line.take(() => this.#done(work, isShownAtOnce, line, latestAtMs));
      await dueIn;
      return outcome;
    } finally {
      this.#held -= 1;
    }
  }

  /** `dueIn` resolves when the outcome may be told. */
  async #done<T>(
    work: () => Promise<T>,
    isShownAtOnce: (outcome: T) => boolean,
    line: Line,
    latestAtMs: number,
  ): Promise<{ outcome: T; dueIn: Promise<unknown> | null }> {
    const beganAtMs = Math.max(performance.now(), line.dueAtMs);
    const longestMs = Math.max(0, latestAtMs - beganAtMs);
    const stepMs = Math.min(this.#stepMs, longestMs);
    const { promise: stepOver, resolve } = Promise.withResolvers<void>();
    // Set before the work: whatever it is, it does not move the instant.
    const timer = setTimeout(resolve, beganAtMs + stepMs - performance.now());
    try {
      const outcome = await this.#worked(work);
      if (isShownAtOnce(outcome)) {
        clearTimeout(timer);
        return { outcome, dueIn: null };
      }
      const nowMs = performance.now();
      const isLate = stepMs > 0 && nowMs - beganAtMs > stepMs;
      line.dueAtMs = beganAtMs + (isLate ? nextStepMs(nowMs - beganAtMs, stepMs, longestMs) : stepMs);
      return { outcome, dueIn: isLate ? sleep(line.dueAtMs - nowMs) : stepOver };
    } catch (error) {
      clearTimeout(timer);
      throw error;
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

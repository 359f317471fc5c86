import type { WorkosDoubleOptions } from "./options.ts";

/** Calls within the last `windowMs`; the oldest leave as time goes on. */
export class SlidingWindow {
  readonly #max: number;
  readonly #windowMs: number;
  #times: number[] = [];
  #head = 0;

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** 0 when a call may go now. */
  waitMs(nowMs: number, scale: number): number {
    while ((this.#times[this.#head] ?? nowMs) <= nowMs - this.#windowMs) this.#head += 1;
    if (this.#head > 4_096) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
    const tooMany = this.#times.length - this.#head - Math.max(1, Math.floor(this.#max * scale));
    if (tooMany < 0) return 0;
    return (this.#times[this.#head + tooMany] ?? nowMs) + this.#windowMs - nowMs;
  }

  add(nowMs: number): void {
    this.#times.push(nowMs);
  }
}

/** WorkOS docs, "Rate limits": per environment and kind, and per key. */
export class RateLimits {
  readonly #writes = new SlidingWindow(500, 10_000);
  readonly #reads = new SlidingWindow(1_000, 10_000);
  readonly #all = new SlidingWindow(6_000, 60_000);

  /** Null for a call that may go; else after how many seconds to come again. A refused call does not count. */
  take(method: string, { unlimited, limitScale }: WorkosDoubleOptions): number | null {
    if (unlimited) return null;
    const nowMs = performance.now();
    const windows = [method === "GET" ? this.#reads : this.#writes, this.#all];
    const waitMs = Math.max(...windows.map((window) => window.waitMs(nowMs, limitScale)));
    if (waitMs > 0) return Math.ceil(waitMs / 1_000);
    for (const window of windows) window.add(nowMs);
    return null;
  }
}

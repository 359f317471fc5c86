/** Durations, by a clock that nobody sets. */
export interface Clock {
  nowMs(): number;
  /** Resolves after that time, or as soon as the signal aborts. */
  wait(forMs: number, signal: AbortSignal): Promise<void>;
}

export const MONOTONIC: Clock = {
  nowMs: () => performance.now(),
  wait: (forMs, signal) =>
    new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, signal.aborted ? 0 : forMs);
      signal.addEventListener("abort", end);
    }),
};

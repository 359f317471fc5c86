import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the next call is due. */
export function turns(perSecond: number): () => Promise<void> {
  let nextAtMs = 0;
  return async () => {
    const waitMs = nextAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    nextAtMs = performance.now() + 1_000 / perSecond;
  };
}

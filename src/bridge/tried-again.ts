import { setTimeout as sleep } from "node:timers/promises";
import type { NotSignedIn } from "./outcomes.ts";

const MAX_TRIES = 3;
const MAX_WAIT_MS = 2_000;

type Done = { ok: true } | { ok: false; outcome: NotSignedIn };

/** Work after an answer, for which nobody waits: a vendor that is too busy for it is asked again. */
export async function triedAgain<T extends Done>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    const result = await work();
    const done: Done = result;
    if (done.ok || done.outcome.kind !== "throttled" || tries === MAX_TRIES) return result;
    await sleep(Math.min(done.outcome.retryAfterMs, MAX_WAIT_MS));
  }
}

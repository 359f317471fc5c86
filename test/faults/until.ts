import { setTimeout as sleep } from "node:timers/promises";

const DEFAULT_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 20;

/** Waits until `look` gives something; fails with `what` if it takes too long. */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  timeoutMs = DEFAULT_TIMEOUT_MS,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false && seen !== null) return seen;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain until ${what}.`);
    await sleep(LOOK_EVERY_MS);
  }
}

import { setTimeout as sleep } from "node:timers/promises";

/** One of the requests offered. */
export interface Arrival<K extends string> {
  kind: K;
  send: () => Promise<number>;
}

export interface Answered<K extends string> {
  kind: K;
  status: number;
  /** From the instant that it was due: a generator that comes too late makes nothing look faster. */
  tookMs: number;
}

export interface Offered<K extends string> {
  answers: readonly Answered<K>[];
  /** From the first due instant to the last answer. */
  elapsedMs: number;
}

/**
 * Offers requests at an even pace, however long the answers take: people do not wait for each other. `send` resolves
 * with the answer's status; one that rejects ends the bench.
 */
export async function offer<K extends string>(
  arrivals: Iterable<Arrival<K>>,
  perSecond: number,
): Promise<Offered<K>> {
  const beganAtMs = performance.now();
  const underWay: Promise<Answered<K>>[] = [];
  for (const { kind, send } of arrivals) {
    const dueAtMs = beganAtMs + (underWay.length / perSecond) * 1_000;
    const waitMs = dueAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    underWay.push(send().then((status) => ({ kind, status, tookMs: performance.now() - dueAtMs })));
  }
  const answers = await Promise.all(underWay);
  return { answers, elapsedMs: performance.now() - beganAtMs };
}

export function tookMs<K extends string>({ answers }: Offered<K>, ...kinds: readonly K[]): number[] {
  return answers.filter(({ kind }) => kinds.includes(kind)).map((answer) => answer.tookMs);
}

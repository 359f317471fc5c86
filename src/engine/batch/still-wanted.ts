import type { Clock } from "../clock.ts";
import type { FinalOutcome } from "./settlement.ts";
import type { Entry, Work } from "./work.ts";

/** What is known of an item is acted upon for so long: a slot, a lease or a busy vendor may keep its call waiting. */
const ANSWER_HOLDS_MS = 2_000;

/** Some items of a call are not to be sent any more, so that it was not made. */
export class UnwantedError extends Error {
  override readonly name = "UnwantedError";
  readonly outcomes: ReadonlyMap<Entry<unknown>, FinalOutcome>;

  constructor(outcomes: ReadonlyMap<Entry<unknown>, FinalOutcome>) {
    super("A call has items that are wanted no more.");
    this.outcomes = outcomes;
  }
}

/**
 * Asks of each item whose last answer is old by now whether it is still to be sent. True where any was asked about: time
 * has passed. Rejects with UnwantedError.
 */
export async function askAnew<Record>(
  work: Pick<Work<Record>, "stillWanted">,
  entries: readonly Entry<Record>[],
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const isOld = ({ wantedAtMs }: Entry<Record>) => clock.nowMs() - wantedAtMs > ANSWER_HOLDS_MS;
  const old = entries.filter(isOld);
  const unwanted = new Map<Entry<unknown>, FinalOutcome>();
  for (const entry of old) {
    const outcome = (await work.stillWanted?.(entry.claimed, signal)) ?? null;
    signal.throwIfAborted();
    if (outcome !== null) unwanted.set(entry, outcome);
  }
  // Together: of many the first answer is old by the last, and would be for ever.
  for (const entry of old) entry.wantedAtMs = clock.nowMs();
  if (unwanted.size > 0) throw new UnwantedError(unwanted);
  return old.length > 0;
}

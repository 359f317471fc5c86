import type { Answer, Destination } from "../destinations/destination.ts";
import type { ResetFacts } from "../destinations/facts.ts";
import { CLOCK_TOLERANCE_MS } from "../destinations/sending.ts";
import type { ResetEvent, ResetEventPage } from "../destinations/sign-in.ts";
import type { Ledger } from "../ledger/ledger.ts";
import {
  copyResetEvents,
  type EventPosition,
  forgetResetPositions,
  type ResetPositions,
  resetPositions,
} from "../ledger/reset-events.ts";

type ReadPage = (afterEventId: string | null) => Promise<Answer<ResetEventPage>>;

/** More would take reads of the destination from others; whoever comes then waits until one of them ends. */
const MAX_READINGS = 4;
/** Where events come so fast that those of the lag fill more than a page, they are read anew this often. */
export const OVERLAP_EVERY_MS = 10_000;
const REMEMBERED = 20_000;

/** Of a destination that keeps no record there is nothing to read. */
export function recordOf({ facts }: Pick<Destination, "facts">): NonNullable<ResetFacts["record"]> {
  return facts.resets.record ?? { lagMs: 0, keptMs: 0 };
}

const PURGED: Answer<never> = { ok: false, problem: "unavailable", code: "purged" };
const ENDLESS: Answer<never> = { ok: false, problem: "unavailable", code: "endless_list" };

/**
 * Copies what the destination tells of password resets into the ledger; whoever asks before a reading goes out shares it.
 * An event may be listed late, behind newer ones: so a reading begins where none can be missing any more.
 */
export class ResetTail {
  readonly #ledger: Ledger;
  readonly #readPage: ReadPage;
  readonly #record: NonNullable<ResetFacts["record"]>;
  readonly #readings = new Set<Promise<void>>();
  /** Not sent yet: it will list whatever somebody who comes now must see. */
  #unsent: Promise<Answer<null>> | null = null;
  #overlapPages = 1;
  #overlappedAtMs = Number.NEGATIVE_INFINITY;
  /** Ids of events that are in the ledger, so that nothing is written twice. */
  readonly #copied = new Set<string>();
  #newestCopiedMs = 0;

  constructor(ledger: Ledger, readPage: ReadPage, record: NonNullable<ResetFacts["record"]>) {
    this.#ledger = ledger;
    this.#readPage = readPage;
    this.#record = record;
  }

  /** Resolves when every event that was listed before this call is in the ledger. Rejects with LedgerError. */
  catchUp(migrationId: number): Promise<Answer<null>> {
    this.#unsent ??= this.#read(migrationId);
    return this.#unsent;
  }

  async #read(migrationId: number): Promise<Answer<null>> {
    while (this.#readings.size >= MAX_READINGS) await Promise.race(this.#readings);
    const copying = this.#copy(migrationId);
    const reading = copying.then(
      () => undefined,
      () => undefined,
    );
    this.#readings.add(reading);
    try {
      return await copying;
    } finally {
      this.#readings.delete(reading);
    }
  }

  async #copy(migrationId: number): Promise<Answer<null>> {
    const known = await this.#ledger
      .read((db) => resetPositions(db, migrationId))
      .finally(() => {
        // It goes out now, or failed.
        this.#unsent = null;
      });
    this.#forgetUncopied(known);
    const beganAtMs = performance.now();
    const isOverlapping = this.#overlapPages <= 1 || beganAtMs - this.#overlappedAtMs >= OVERLAP_EVERY_MS;
    const { settled, newest } = known;
    const pages = await this.#copyFrom(migrationId, isOverlapping ? settled : newest, {
      settlesUntilMs: isOverlapping ? this.#settledUntilMs(known) : Number.NEGATIVE_INFINITY,
    });
    if (!pages.ok) return pages;
    if (isOverlapping) {
      this.#overlapPages = pages.value;
      this.#overlappedAtMs = beganAtMs;
    }
    return { ok: true, value: null };
  }

  /** How many pages there were. */
  async #copyFrom(
    migrationId: number,
    from: EventPosition | null,
    { settlesUntilMs }: { settlesUntilMs: number },
  ): Promise<Answer<number>> {
    const seen = new Set<string>();
    let after = from !== null && Date.now() - from.atMs < this.#record.keptMs ? from.eventId : null;
    for (let pages = 1; ; pages += 1) {
      const page = await this.#readPage(after);
      if (!page.ok && after !== null && isDeadPlace(page)) {
        // An event of somewhere else, or one that is not kept any more: no try would come past it.
        const place = after;
        await this.#ledger.write((tx) => forgetResetPositions(tx, migrationId, place));
        after = null;
        continue;
      }
      if (!page.ok) return page;
      const { events, isLast } = page.value;
      const last = events.at(-1);
      if (last === undefined) return { ok: true, value: pages };
      // A list that leads back would be read for ever, by every sign-in that comes.
      if (last.eventId === after || seen.has(last.eventId)) return ENDLESS;
      seen.add(last.eventId);
      const settled = events.findLast(({ atMs }) => atMs <= settlesUntilMs) ?? null;
      if (!(await this.#keep(migrationId, events, settled))) return PURGED;
      if (isLast) return { ok: true, value: pages };
      after = last.eventId;
    }
  }

  /** False where a purge began meanwhile. */
  async #keep(
    migrationId: number,
    events: readonly ResetEvent[],
    settled: EventPosition | null,
  ): Promise<boolean> {
    const fresh = events.filter(({ eventId }) => !this.#copied.has(eventId));
    if (fresh.length === 0 && settled === null) return true;
    if (!(await this.#ledger.write((tx) => copyResetEvents(tx, migrationId, fresh, settled)))) return false;
    for (const { eventId, atMs } of fresh) {
      this.#copied.add(eventId);
      this.#newestCopiedMs = Math.max(this.#newestCopiedMs, atMs);
    }
    for (const eventId of this.#copied) {
      if (this.#copied.size <= REMEMBERED) break;
      this.#copied.delete(eventId);
    }
    return true;
  }

  /** Events up to here are listed by now: the destination's clock has come to its newest event, or about to ours. */
  #settledUntilMs({ newest }: ResetPositions): number {
    return Math.max(newest?.atMs ?? 0, Date.now() - CLOCK_TOLERANCE_MS) - this.#record.lagMs;
  }

  /** A ledger that was restored from a back-up knows less than this process. */
  #forgetUncopied({ newest }: ResetPositions): void {
    const newestMs = newest?.atMs ?? 0;
    if (this.#newestCopiedMs <= newestMs) return;
    this.#copied.clear();
    this.#newestCopiedMs = newestMs;
  }
}

function isDeadPlace({ problem }: Exclude<Answer<unknown>, { ok: true }>): boolean {
  return problem === "refused" || problem === "dead_cursor";
}

import type { Answer } from "../destinations/destination.ts";
import type { CompletedReset } from "../destinations/sign-in.ts";
import { copyResets, forgetResetsPosition, resetsPosition } from "../ledger/bridge.ts";
import type { Ledger } from "../ledger/ledger.ts";

type ReadPage = (afterEventId: string | null) => Promise<Answer<CompletedReset[]>>;

/** More would take reads of the destination from others; whoever comes then waits until one of them ends. */
const MAX_READINGS = 4;

const ENDLESS: Answer<never> = { ok: false, problem: "unavailable", code: "endless_list" };

/** Copies the destination's completed password resets into the ledger; whoever asks before a reading goes out shares it. */
export class ResetTail {
  readonly #ledger: Ledger;
  readonly #readPage: ReadPage;
  readonly #keptMs: number;
  readonly #readings = new Set<Promise<void>>();
  /** Not sent yet: it will list whatever somebody who comes now must see. */
  #unsent: Promise<Answer<null>> | null = null;

  /** The destination lists resets for `keptMs`: an older place in its list may be gone. */
  constructor(ledger: Ledger, readPage: ReadPage, keptMs: number) {
    this.#ledger = ledger;
    this.#readPage = readPage;
    this.#keptMs = keptMs;
  }

  /** Resolves when every reset that was listed before this call is in the ledger. Rejects with LedgerError. */
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
      .read((db) => resetsPosition(db, migrationId))
      .finally(() => {
        // It goes out now, or failed.
        this.#unsent = null;
      });
    const seen = new Set<string>();
    let after = known !== null && Date.now() - known.atMs < this.#keptMs ? known.eventId : null;
    for (;;) {
      const page = await this.#readPage(after);
      if (!page.ok && after !== null && isDeadPlace(page)) {
        // An event of somewhere else, or one that is not kept any more: no try would come past it.
        const place = after;
        await this.#ledger.write((tx) => forgetResetsPosition(tx, migrationId, place));
        after = null;
        continue;
      }
      if (!page.ok) return page;
      const last = page.value.at(-1);
      if (last === undefined) return { ok: true, value: null };
      // A list that leads back would be read for ever, by every sign-in that comes.
      if (last.eventId === after || seen.has(last.eventId)) return ENDLESS;
      seen.add(last.eventId);
      await this.#ledger.write((tx) => copyResets(tx, migrationId, page.value));
      after = last.eventId;
    }
  }
}

function isDeadPlace({ problem }: Exclude<Answer<unknown>, { ok: true }>): boolean {
  return problem === "refused" || problem === "dead_cursor";
}

import type { Answer } from "../destinations/destination.ts";
import type { CompletedReset } from "../destinations/sign-in.ts";
import { copyResets, resetsPosition } from "../ledger/bridge.ts";
import type { Ledger } from "../ledger/ledger.ts";

/** WorkOS docs, "Events API": events are listed for 30 days. An older place in the list may be gone. */
const EVENTS_KEPT_MS = 29 * 24 * 60 * 60_000;

type ReadPage = (afterEventId: string | null) => Promise<Answer<CompletedReset[]>>;

/** Copies the destination's completed password resets into the ledger; whoever asks while it reads waits for the next. */
export class ResetTail {
  readonly #ledger: Ledger;
  readonly #readPage: ReadPage;
  #running: Promise<Answer<null>> | null = null;
  #next: Promise<Answer<null>> | null = null;

  constructor(ledger: Ledger, readPage: ReadPage) {
    this.#ledger = ledger;
    this.#readPage = readPage;
  }

  /** Resolves when every reset that was listed before this call is in the ledger. Rejects with LedgerError. */
  catchUp(migrationId: number): Promise<Answer<null>> {
    if (this.#next !== null) return this.#next;
    if (this.#running === null) return this.#start(migrationId);
    // What is being read may have begun before the reset that this caller must see.
    const next = this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#start(migrationId);
      });
    this.#next = next;
    return next;
  }

  #start(migrationId: number): Promise<Answer<null>> {
    const running = this.#copy(migrationId).finally(() => {
      if (this.#running === running) this.#running = null;
    });
    this.#running = running;
    return running;
  }

  async #copy(migrationId: number): Promise<Answer<null>> {
    const known = await this.#ledger.read((db) => resetsPosition(db, migrationId));
    let after = known !== null && Date.now() - known.atMs < EVENTS_KEPT_MS ? known.eventId : null;
    for (;;) {
      const page = await this.#readPage(after);
      if (!page.ok) return page;
      const last = page.value.at(-1);
      if (last === undefined) return { ok: true, value: null };
      await this.#ledger.write((tx) => copyResets(tx, migrationId, page.value));
      after = last.eventId;
    }
  }
}

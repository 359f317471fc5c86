import type { Settlement } from "../../ledger/queue.ts";

/** An outcome is in the ledger at most this long after it is known. */
const GROUP_COMMIT_MS = 100;
const MAX_GROUP = 200;

/** Writes outcomes in groups, one transaction at a time; the first failure stops the batch. */
export class OutcomeWriter {
  readonly #settle: (settlements: readonly Settlement[]) => Promise<void>;
  readonly #onWritten: (settlements: readonly Settlement[]) => Promise<void>;
  readonly #onError: (error: unknown) => void;
  #waiting: Settlement[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;
  #error: unknown;

  constructor(options: {
    settle: (settlements: readonly Settlement[]) => Promise<void>;
    onWritten: (settlements: readonly Settlement[]) => Promise<void>;
    onError: (error: unknown) => void;
  }) {
    this.#settle = options.settle;
    this.#onWritten = options.onWritten;
    this.#onError = options.onError;
  }

  add(settlement: Settlement): void {
    this.#waiting.push(settlement);
    if (this.#waiting.length >= MAX_GROUP) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), GROUP_COMMIT_MS);
  }

  /** Writes what is left; rejects if anything could not be written. */
  async drain(): Promise<void> {
    this.#flush();
    await this.#writing;
    if (this.#error !== undefined) throw this.#error;
  }

  /** Writes what was added so far as soon as the group before is written, together with what comes until then. */
  written(): Promise<void> {
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined;
      return this.drain();
    });
    return this.#next;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const group = this.#waiting;
    this.#waiting = [];
    if (group.length === 0) return;
    this.#writing = this.#writing.then(() => this.#write(group));
  }

  async #write(group: readonly Settlement[]): Promise<void> {
    try {
      await this.#settle(group);
      await this.#onWritten(group);
    } catch (error) {
      this.#error ??= error;
      this.#onError(error);
    }
  }
}

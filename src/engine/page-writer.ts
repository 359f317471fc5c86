import type { SourcePage } from "../cognito/source.ts";
import type { SourceUser } from "../domain/pool.ts";
import { type Cursor, type CursorId, moveCursor } from "../ledger/cursors.ts";
import type { Ledger, Tx } from "../ledger/ledger.ts";
import type { WorkPulse } from "./heartbeat.ts";
import { countPages } from "./metrics.ts";
import { step } from "./steps.ts";

/** Pages that come faster than this are written together; a crash costs at most these again. */
const GROUP_MS = 100;
/** Keeps a transaction well under 250 ms. */
const MAX_GROUP = 40;
/** Attributes in memory, in characters: of 50 custom ones with 2,048 bytes each, a page alone may be 6 MB. */
const MAX_WAITING_SIZE = 16_000_000;
const MAX_GROUP_SIZE = MAX_WAITING_SIZE / 4;

/** How the users of a walk are kept. */
export interface PageStore<Packed> {
  /** Made of each page as it comes, so that little waits and writing has nothing left to prepare. */
  pack: (users: readonly SourceUser[]) => Packed;
  /** Returns how many of the users are new to this walk. */
  write: (tx: Tx, pages: readonly Packed[]) => Promise<number>;
}

interface WaitingPage<Packed> extends Omit<SourcePage, "users"> {
  packed: Packed;
  size: number;
}

/** Writes pages in groups, one group at a time, each in one transaction with the cursor that follows it. */
export class PageWriter<Packed> {
  readonly #ledger: Ledger;
  readonly #pulse: WorkPulse;
  readonly #id: CursorId;
  readonly #store: PageStore<Packed>;
  #cursor: Cursor;
  #waiting: WaitingPage<Packed>[] = [];
  #waitingSize = 0;
  #writing: Promise<void> | undefined;
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(ledger: Ledger, pulse: WorkPulse, id: CursorId, store: PageStore<Packed>, cursor: Cursor) {
    this.#ledger = ledger;
    this.#pulse = pulse;
    this.#id = id;
    this.#store = store;
    this.#cursor = cursor;
  }

  /** Where the walk stands in the ledger. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** Resolves when there is room for another page; rejects if the ledger refused an earlier one. */
  async add({ users, nextToken }: SourcePage): Promise<void> {
    const size = sizeOf(users);
    this.#waiting.push({ packed: this.#store.pack(users), size, nextToken });
    this.#waitingSize += size;
    const isFull = this.#waiting.length >= MAX_GROUP || this.#waitingSize >= MAX_GROUP_SIZE;
    const isDue = isFull || performance.now() - this.#writtenAtMs >= GROUP_MS;
    if (isDue && this.#writing === undefined) this.#begin();
    if (this.#waitingSize >= MAX_WAITING_SIZE) await this.#writing;
  }

  /** Resolves when all pages are written. */
  async drain(): Promise<void> {
    await this.#writing;
    while (this.#waiting.length > 0) {
      this.#begin();
      await this.#writing;
    }
  }

  async moveTo(cursor: Cursor): Promise<void> {
    await this.#ledger.write((tx) => moveCursor(tx, this.#id, this.#pulse.fence, cursor));
    this.#cursor = cursor;
  }

  #begin(): void {
    const writing = this.#write(this.#takeGroup()).then(() => {
      this.#writing = undefined;
    });
    // Stays rejected for whoever waits next.
    writing.catch(() => undefined);
    this.#writing = writing;
  }

  #takeGroup(): WaitingPage<Packed>[] {
    const group: WaitingPage<Packed>[] = [];
    let size = 0;
    while (group.length < MAX_GROUP && size < MAX_GROUP_SIZE) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      group.push(next);
      size += next.size;
    }
    this.#waitingSize -= size;
    return group;
  }

  async #write(pages: readonly WaitingPage<Packed>[]): Promise<void> {
    this.#writtenAtMs = performance.now();
    const before = this.#cursor;
    this.#cursor = await step({ ledger: this.#ledger, pulse: this.#pulse }, async (tx) => {
      const packed = pages.map((page) => page.packed);
      const gained = await this.#store.write(tx, packed);
      const next = advance(before, pages, gained);
      await moveCursor(tx, this.#id, this.#pulse.fence, next);
      return next;
    });
    countPages(pages.length);
    const { pages: read = 0, users = 0 } = this.#cursor.counters;
    this.#pulse.show({ pages: read, users });
  }
}

function advance(
  { position, counters }: Cursor,
  pages: readonly Omit<SourcePage, "users">[],
  gained: number,
): Cursor {
  const { pages: read = 0, users = 0 } = counters;
  const last = pages.at(-1);
  return {
    position: last === undefined ? position : last.nextToken,
    // Only an absent token ends the list: pages may be short, and even empty.
    done: last?.nextToken === null,
    counters: {
      ...counters,
      pages: read + pages.length,
      users: users + gained,
    },
  };
}

function sizeOf(users: readonly SourceUser[]): number {
  let size = 0;
  for (const { attributes } of users) for (const name in attributes) size += attributes[name]?.length ?? 0;
  return size;
}

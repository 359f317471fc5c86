/** What a double remembers of the calls it got, so that tests can count and order them. */

export interface JournalEntry {
  /** 1, 2, 3 … in order of arrival. */
  seq: number;
  atMs: number;
  /** Null until answered; stays null for a call that hangs. */
  endedAtMs: number | null;
  method: string;
  path: string;
  operation: string;
  /** Null until answered; 0 for a connection that was dropped instead of an answer. */
  status: number | null;
  /** The sub, external id or e-mail address the call was about, where it was about one. */
  key?: string;
  query: string;
}

export type Arrival = Pick<JournalEntry, "method" | "path" | "operation" | "query">;

export interface Journal {
  /** Off for benches; calls that arrive while it is off are not kept. */
  enabled: boolean;
  readonly entries: readonly JournalEntry[];
  begin(arrival: Arrival): JournalEntry | null;
  end(entry: JournalEntry | null, status: number, key?: string): void;
  /** The entries after `seq`; 0 gives all. */
  since(seq: number): JournalEntry[];
}

export function createJournal(enabled = true): Journal {
  const entries: JournalEntry[] = [];
  return {
    enabled,
    entries,
    begin(arrival) {
      if (!this.enabled) return null;
      const entry = { seq: entries.length + 1, atMs: Date.now(), endedAtMs: null, status: null, ...arrival };
      entries.push(entry);
      return entry;
    },
    end(entry, status, key) {
      if (entry === null) return;
      entry.endedAtMs = Date.now();
      entry.status = status;
      if (key !== undefined) entry.key = key;
    },
    since: (seq) => entries.slice(seq),
  };
}

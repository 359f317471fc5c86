/** How it ended, or why it has not ended yet. Vendor messages may hold personal data: ledger only. */
export type SendOutcome =
  /**
   * `details` holds what the destination answered beside the id, without secrets. `holds`: an earlier try made it, maybe of
   * another record than this one's; the fingerprint of what it holds of ours.
   */
  | { kind: "created" | "already_there"; destinationId: string; details?: object; holds?: string }
  /** The destination refused it; `code` is a stable word, `message` the vendor's own. */
  | { kind: "rejected"; code: string; message: string }
  /** Sent, and no answer that could be understood: the ledger keeps it in doubt, to be looked up. */
  | { kind: "unknown"; code: string; message: string; retryAfterMs: number }
  /** Throttled: had no effect. */
  | { kind: "slow_down"; retryAfterMs: number }
  /** The credentials do not work (any more): had no effect. */
  | { kind: "access_lost"; code: string };

/** Whatever can become of one item of a call. */
export type Outcome =
  | SendOutcome
  | { kind: "adopted"; destinationId: string; details?: object }
  /** It is as planned now, but for what is kept. `fingerprint` is that of what is known to be written. */
  | { kind: "updated"; destinationId: string; fingerprint: string; kept: readonly string[]; details?: object }
  /** It is not there any more. `forgetsMail`: whoever gets another account is mailed for that one. */
  | { kind: "removed"; forgetsMail?: true }
  /** It stood before this migration, and is as it was then, but for what is kept: somebody wrote that there since. */
  | { kind: "undone"; kept: readonly string[] }
  /** `because`: an answer to its call, after which nobody can know more. Many alike stop the run, as failures do. */
  | { kind: "skipped"; reason: string; because?: string }
  /** Had no effect, and is no matter of the others: tried again at its time, a few times, until `code` says why it failed. */
  | { kind: "put_off"; retryAfterMs: number; code: string; message: string }
  /** Looked up, and it shows only later what became of an earlier try: stays in doubt until then. */
  | { kind: "too_early"; retryAfterMs: number }
  /** No call was made for it, or only calls that had no effect: sent again as soon as its turn comes. */
  | { kind: "not_sent" }
  /** Had no effect, and nothing else is begun: the batch ends with this once it has settled what is in doubt. */
  | { kind: "held"; error: Error }
  /** Had no effect, and the whole batch has to stop for this. */
  | { kind: "stopped"; error: Error };

/** What is known of what was written, where `fingerprint` is that of the record to be sent; null where nothing is. Pure. */
export function writtenFingerprint<F extends string | null>(
  outcome: Extract<Outcome, { kind: "created" | "already_there" | "adopted" }>,
  fingerprint: F,
): F | string | null {
  switch (outcome.kind) {
    case "already_there":
      return null;
    case "created":
      return outcome.holds ?? fingerprint;
    case "adopted":
      return fingerprint;
  }
}

/** Clocks of a destination and the ledger may differ by this much. */
export const CLOCK_TOLERANCE_MS = 5 * 60_000;

/** One item of a call, with what the ledger knows of earlier tries. */
export interface Item<Record> {
  /** What the work is about: a person's sub, or the key of a planned object. */
  key: string;
  record: Record;
  /** When it was first claimed, by the ledger's clock: this try's own claim if it is the first. */
  firstClaimedAtMs: number;
  /** Earlier tries let no call go after this, by the ledger's clock; of a first try, when it was claimed. */
  lastTriedAtMs: number;
  /** True when an earlier try may have taken effect: look it up before anything is sent. */
  inDoubt: boolean;
}

/**
 * Lets single HTTP calls go, one after the other, each with a slot and a time limit of its own. Both reject when the
 * batch stops: make no call then.
 */
export interface Call {
  /** Before a call that may take effect: these items (all of them unless named) are in doubt until their outcome. */
  write(items?: readonly Item<unknown>[]): Promise<void>;
  /** Before any other call. */
  read(): Promise<void>;
  readonly signal: AbortSignal;
  /**
   * What the ledger's clock shows now, as far as this worker can tell: the one clock by which an item's age counts. A
   * sender asks no other, as the machine's own may be set, and differs from that of the ledger.
   */
  nowMs(): number;
}

/** The same call for a sender that gets other items in the place of those given: what it writes are the given ones. */
export function callFor(call: Call, sent: readonly Item<unknown>[], given: readonly Item<unknown>[]): Call {
  const own = new Map(sent.map((item, index) => [item, given[index] ?? item]));
  return {
    signal: call.signal,
    nowMs: () => call.nowMs(),
    read: () => call.read(),
    write: (written = sent) => call.write(written.map((item) => own.get(item) ?? item)),
  };
}

/** Brings things of one kind to a destination, some of them a call. Translates every answer, and never tries again. */
export interface Sender<Record> {
  /** 1 where the vendor takes one a call. */
  readonly itemsPerCall: number;
  /** In the whole environment: over batches, workers and migrations. */
  readonly callsInFlight: number;
  /**
   * How long the destination may go on with a call whose caller has died: nobody makes another one in its place before.
   * A few seconds unless given.
   */
  readonly outlivesCallerMs?: number;
  /** One `send` makes no more calls than this; one more is an error. */
  readonly maxCalls: number;
  /** One outcome for each item, in their order. Rejects only for what nobody expected, or when the batch stops. */
  send(items: readonly Item<Record>[], call: Call): Promise<readonly Outcome[]>;
}

/** The outcome of one item that is sent alone. */
export async function sendOne<Record>(
  sender: Sender<Record>,
  item: Item<Record>,
  call: Call,
): Promise<Outcome> {
  const [outcome] = await sender.send([item], call);
  if (outcome === undefined) throw new Error("A sender gave no outcome for its item.");
  return outcome;
}

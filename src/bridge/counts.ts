import { RateLimiterMemory } from "rate-limiter-flexible";
import { dropOver, giveBackAll, type Taken, takeOne, timesTaken } from "../ledger/bridge-limits.ts";
import { LedgerError, ledgerError } from "../ledger/errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { within } from "./within.ts";

/** Counts what is taken of `key`, for `windowMs` from the first one on. */
export type Count = (key: string, windowMs: number) => Promise<Taken>;

/** Somebody waits for each of them. */
const ANSWER_MS = 2_000;
/** A ledger that did not answer is left alone for so long: each question would wait for it anew. */
const SILENCE_MS = 5_000;
const CLEAR_EVERY_MS = 60_000;
const CLEARED_AT_ONCE = 2_000;

/** Of this process, and gone with it. */
export function countInMemory(): Count {
  const windows = new Map<number, RateLimiterMemory>();
  return async (key, windowMs) => {
    const counter =
      windows.get(windowMs) ??
      new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: windowMs / 1_000 });
    windows.set(windowMs, counter);
    const { consumedPoints, msBeforeNext } = await counter.consume(key);
    return { times: consumedPoints, leftMs: msBeforeNext };
  };
}

interface LedgerCounts {
  /** The last second of it may be lost where PostgreSQL's server crashes, or the machine with the file. */
  soon: Count;
  /** On disk when it resolves. */
  durable: Count;
  /** What was taken of the key; takes nothing. */
  taken: (key: string, windowMs: number) => Promise<number>;
  /** Nothing is taken of the key any more. */
  giveBack: (key: string) => Promise<void>;
}

/** Of every bridge on this ledger, and there after a restart. Both reject with LedgerError where it does not answer. */
export function countInLedger(ledger: Ledger, onTrouble: (code: string) => void): LedgerCounts {
  let clearedAtMs = performance.now();
  const clear = async () => {
    let dropped: number;
    do dropped = await ledger.changeSoon((db) => dropOver(db, CLEARED_AT_ONCE));
    while (dropped === CLEARED_AT_ONCE);
  };
  const countBy =
    (change: Ledger["change"]): Count =>
    async (key, windowMs) => {
      const counted = change((db) => takeOne(db, key, windowMs));
      const taken = await within(ANSWER_MS, () => counted, null);
      if (taken === null) throw ledgerError("ledger_unreachable");
      if (performance.now() - clearedAtMs > CLEAR_EVERY_MS) {
        clearedAtMs = performance.now();
        void clear().catch(() => onTrouble("limits_not_cleared"));
      }
      return taken;
    };
  return {
    soon: countBy(ledger.changeSoon),
    durable: countBy(ledger.change),
    taken: (key, windowMs) => ledger.read((db) => timesTaken(db, key, windowMs)),
    giveBack: (key) => ledger.change((db) => giveBackAll(db, key)),
  };
}

/** As `inLedger` counts, and where that does not answer, for this process: not everything goes through then, nor nothing. */
export function countAnyway(inLedger: Count): Count {
  const inMemory = countInMemory();
  let silentUntilMs = Number.NEGATIVE_INFINITY;
  return async (key, windowMs) => {
    if (performance.now() < silentUntilMs) return inMemory(key, windowMs);
    try {
      return await inLedger(key, windowMs);
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      silentUntilMs = performance.now() + SILENCE_MS;
      return inMemory(key, windowMs);
    }
  };
}

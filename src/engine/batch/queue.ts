import type { Ledger } from "../../ledger/ledger.ts";
import type { ClaimedItem, Settlement, WorkRange } from "../../ledger/queue.ts";
import { claim, confirmClaims } from "../../ledger/queue-claims.ts";
import { recentFailures } from "../../ledger/queue-endings.ts";
import { rangeCounts, type StateCounts } from "../../ledger/queue-questions.ts";
import { settle } from "../../ledger/queue-settlements.ts";
import { LEDGER_TIMEOUT_MS, type WorkPulse } from "../heartbeat.ts";

/** The part of the queue that one attempt of a batch works on, under its fence. */
export interface Queue {
  counts(): Promise<StateCounts>;
  /** Up to `limit` open items. `durably`: on disk before anybody acts upon the claim, as that of a removal is anyway. */
  claim(limit: number, durably: boolean): Promise<ClaimedItem[]>;
  /** Rejects with FencedError unless all of these are still claimed by this attempt. */
  confirm(ordinals: readonly number[]): Promise<void>;
  /** Writes all of the outcomes or, with FencedError, none. `durably`: on disk when it resolves. */
  settle(settlements: readonly Settlement[], durably: boolean): Promise<void>;
  /** How often each code failed among the last `window` outcomes of the phase. */
  recentFailures(window: number): Promise<ReadonlyMap<string, number>>;
}

export type BatchPulse = WorkPulse;

export function ledgerQueue(ledger: Ledger, range: WorkRange, pulse: BatchPulse): Queue {
  const { fence } = pulse;
  const asked = <T>(question: () => Promise<T>) => pulse.during(LEDGER_TIMEOUT_MS, question);
  return {
    counts: () => asked(() => ledger.read((db) => rangeCounts(db, range))),
    claim: (limit, durably) =>
      asked(async () => {
        const items = await ledger[durably ? "write" : "changeSoon"]((db) => claim(db, range, fence, limit));
        // If the machine dies and the claim is lost, nobody could tell our removal from somebody else's.
        if (items.some(({ intent }) => intent === "remove")) await ledger.sync();
        return items;
      }),
    confirm: (ordinals) => asked(() => ledger.read((db) => confirmClaims(db, range, ordinals, fence))),
    settle: (settlements, durably) =>
      asked(() => ledger[durably ? "write" : "writeSoon"]((tx) => settle(tx, range, fence, settlements))),
    recentFailures: (window) =>
      asked(() => ledger.read((db) => recentFailures(db, range, range.phase, window))),
  };
}

import type { Settlement } from "../../ledger/work-items.ts";
import type { Outcome } from "./work.ts";

const EMPTY = { inDoubt: false, code: null, message: null, how: null, destinationId: null, recordHash: null };

export type FinalOutcome = Exclude<Outcome, { kind: "unknown" | "slow_down" | "access_lost" | "stopped" }>;

/** What the ledger keeps of an outcome that ends an item. */
export function settlementOf(ordinal: number, outcome: FinalOutcome, recordHash: string): Settlement {
  switch (outcome.kind) {
    case "created":
    case "already_there":
    case "adopted":
      return {
        ...EMPTY,
        ordinal,
        state: "done",
        how: outcome.kind,
        destinationId: outcome.destinationId,
        recordHash,
      };
    case "skipped":
      return { ...EMPTY, ordinal, state: "skipped", code: outcome.reason };
    case "rejected":
      return { ...EMPTY, ordinal, state: "failed", code: outcome.code, message: outcome.message };
  }
}

/** The item is open again; `inDoubt` if a call for it may have taken effect. */
export function putBack(ordinal: number, inDoubt: boolean): Settlement {
  return { ...EMPTY, ordinal, state: "pending", inDoubt };
}

/** Tried often, and never an answer that could be understood: stays in doubt, to be looked up when tried again. */
export function withoutAnswer(ordinal: number, message: string): Settlement {
  return { ...EMPTY, ordinal, state: "failed", code: "no_clear_answer", message, inDoubt: true };
}

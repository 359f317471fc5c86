import { type Outcome, writtenFingerprint } from "../../destinations/sending.ts";
import { NO_CLEAR_ANSWER } from "../../domain/outcomes.ts";
import { CHANGED_THERE, type Settlement } from "../../ledger/queue.ts";

type Named = Settlement["item"];

const EMPTY = { inDoubt: false, code: null, message: null, fact: null };

export type PutOff = Extract<Outcome, { kind: "put_off" }>;

export type FinalOutcome = Extract<
  Outcome,
  {
    kind: "created" | "already_there" | "adopted" | "updated" | "removed" | "undone" | "skipped" | "rejected";
  }
>;

/** What the ledger keeps of an outcome that ends an item. `fingerprint` is that of what was to be sent. */
export function settlementOf(item: Named, outcome: FinalOutcome, fingerprint: string | null): Settlement {
  switch (outcome.kind) {
    case "created":
    case "already_there":
    case "adopted":
      return {
        ...EMPTY,
        item,
        state: "done",
        fact: {
          destinationId: outcome.destinationId,
          how: outcome.kind,
          fingerprint: writtenFingerprint(outcome, fingerprint),
          details: outcome.details ?? null,
        },
      };
    case "updated": {
      const { destinationId, kept, details = null } = outcome;
      return {
        ...EMPTY,
        item,
        state: "done",
        ...noteOf(kept),
        // Who made it is known already.
        fact: { destinationId, how: "already_there", fingerprint: outcome.fingerprint, details },
      };
    }
    case "removed":
      return {
        ...EMPTY,
        item,
        state: "done",
        isRemoved: true,
        ...(outcome.forgetsMail ? { forgetsMail: true } : {}),
      };
    case "undone":
      return { ...EMPTY, ...noteOf(outcome.kept), item, state: "done", isRemoved: true };
    case "skipped":
      return { ...EMPTY, item, state: "skipped", code: outcome.reason, message: outcome.because ?? null };
    case "rejected":
      return { ...EMPTY, item, state: "failed", code: outcome.code, message: outcome.message };
  }
}

/** Of what was left as somebody else wrote it. */
function noteOf(kept: readonly string[]): Partial<Pick<Settlement, "code" | "message">> {
  return kept.length === 0 ? {} : { code: CHANGED_THERE, message: kept.join(" ") };
}

/** The item is open again; `inDoubt` if a call for it may have taken effect. */
export function putBack(item: Named, inDoubt: boolean): Settlement {
  return { ...EMPTY, item, state: "pending", inDoubt };
}

/** The item is open again, and nobody tries it before that time. */
export function putOff(item: Named, { code, message, retryAfterMs }: PutOff): Settlement {
  return { ...EMPTY, item, state: "pending", putOffMs: retryAfterMs, code, message };
}

/** Tried often, and never an answer that could be understood: stays in doubt, to be looked up when tried again. */
export function withoutAnswer(item: Named, message: string): Settlement {
  return { ...EMPTY, item, state: "failed", code: NO_CLEAR_ANSWER, message, inDoubt: true };
}

import type { WaitForSlot } from "./destination.ts";

/** One try of bringing something other than a user to the destination, with what the ledger knows of earlier tries. */
export interface Attempt {
  /** When this was first claimed, by the ledger's clock: this try's own claim if it is the first. */
  firstClaimedAtMs: number;
  /** True when an earlier try may have taken effect: look it up before anything is sent. */
  inDoubt: boolean;
  /** Called before every call, with `writeKinds` before one that may take effect. */
  waitForSlot: WaitForSlot;
  signal: AbortSignal;
}

/** How it ended, or why it has not ended yet. Vendor messages may hold personal data: ledger only. */
export type SendOutcome =
  | { kind: "created" | "already_there"; destinationId: string }
  /** The destination refused it; `code` is a stable word, `message` the vendor's own. */
  | { kind: "rejected"; code: string; message: string }
  /** Sent, and no answer that could be understood: the ledger keeps it in doubt, to be looked up. */
  | { kind: "unknown"; code: string; message: string; retryAfterMs: number }
  /** Throttled: had no effect. */
  | { kind: "slow_down"; retryAfterMs: number }
  /** The credentials do not work (any more): had no effect. */
  | { kind: "access_lost"; code: string };

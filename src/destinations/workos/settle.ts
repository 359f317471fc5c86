import type { CallKind } from "../../migration.ts";
import type { WaitForSlot } from "../destination.ts";
import type { Attempt, SendOutcome } from "../sending.ts";
import type { Called } from "./called.ts";
import type { Failure } from "./errors.ts";

/** What every sender shares: its slots, and what an answer comes to. */

export const WRITE_KINDS: readonly CallKind[] = ["writes", "calls"];
export const READ_KINDS: readonly CallKind[] = ["reads", "calls"];

/** Clocks of WorkOS and the ledger may differ by this much. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const UNCLEAR_RETRY_MS = 1_000;

export type TakeSlot = (kinds: readonly CallKind[]) => Promise<void>;

/** Waits for a slot; rejects when whoever asked has stopped meanwhile. */
export function slotsOf(waitForSlot: WaitForSlot, signal: AbortSignal): TakeSlot {
  return async (kinds) => {
    await waitForSlot(kinds);
    signal.throwIfAborted();
  };
}

/** Something at WorkOS. */
export interface Made {
  id: string;
  createdAtMs: number;
}

/** Whatever has our key is ours; made by this migration only if not older than the item's first claim. */
export function ours(
  { id, createdAtMs }: Made,
  { firstClaimedAtMs }: Pick<Attempt, "firstClaimedAtMs">,
): SendOutcome {
  const isNew = createdAtMs >= firstClaimedAtMs - CLOCK_TOLERANCE_MS;
  return { kind: isNew ? "created" : "already_there", destinationId: id };
}

/** What a 404 means. */
export interface Absence {
  code: string;
  message: string;
}

const UNKNOWN_ADDRESS: Absence = {
  code: "not_found",
  message: "WorkOS does not know this address of its API.",
};

/**
 * What a create that failed comes to, with a look-up that takes its own slots. Few codes of duplicates are documented,
 * so every refusal is looked up. Absence is never proof: what "exists" and is not visible waits.
 */
export async function settle(
  failure: Failure,
  lookUp: () => Promise<Called<Made | null>>,
  attempt: Attempt,
  absence = UNKNOWN_ADDRESS,
): Promise<SendOutcome> {
  if (failure.kind === "slow_down" || failure.kind === "access_lost") return failure;
  const found = await lookUp();
  if (found.ok && found.value !== null) return ours(found.value, attempt);
  if (failure.kind === "unknown") return stillUnclear(failure, found);
  return outcomeOf(found.ok ? failure : found.failure, absence);
}

/** Throttled or locked out after an unclear create must not count as "had no effect": the create may have had one. */
export function stillUnclear(
  { code, message }: Extract<Failure, { kind: "unknown" }>,
  found: Called<unknown>,
): SendOutcome {
  if (!found.ok && found.failure.kind === "slow_down")
    return unclear(code, message, found.failure.retryAfterMs);
  return unclear(code, message);
}

export function notVisible(message: string): SendOutcome {
  return unclear("exists_but_not_visible", message);
}

export function unclear(code: string, message: string, retryAfterMs = UNCLEAR_RETRY_MS): SendOutcome {
  return { kind: "unknown", code, message, retryAfterMs };
}

export function outcomeOf(failure: Failure, absence = UNKNOWN_ADDRESS): SendOutcome {
  switch (failure.kind) {
    case "unknown":
      return unclear(failure.code, failure.message);
    case "absent":
      return { kind: "rejected", ...absence };
    case "duplicate":
      return notVisible(failure.message);
    default:
      return failure;
  }
}

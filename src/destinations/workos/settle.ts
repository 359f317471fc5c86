import type { MadeThing } from "../destination.ts";
import { type Call, CLOCK_TOLERANCE_MS, type Item, type Outcome, type Sender } from "../sending.ts";
import type { Called } from "./calls.ts";
import type { Failure } from "./errors.ts";
import { facts } from "./facts.ts";

/** What every sender shares: one item a call, and what an answer comes to. */

const UNCLEAR_RETRY_MS = 1_000;

/** Settled by another call, which `senderOf` makes. */
interface Forbidden extends Extract<Failure, { kind: "forbidden" }> {
  /** What it comes to where an earlier call for the item had an effect, and the other one is refused as well. */
  ifLost?: Outcome;
}

export type Settled = Outcome | Forbidden;

/** A cheap call that needs no more than a key that works. */
export type Probe = () => Promise<Called<unknown>>;

/** Sends one item a call; `maxCalls` is for what `sendItem` makes. */
export function senderOf<Record>(
  probe: Probe,
  maxCalls: number,
  sendItem: (item: Item<Record>, call: Call) => Promise<Settled>,
): Sender<Record> {
  return {
    itemsPerCall: 1,
    callsInFlight: facts.callsInFlight,
    maxCalls: maxCalls + 1,
    async send(items, call) {
      const outcomes: Outcome[] = [];
      for (const item of items) {
        const settled = await sendItem(item, call);
        outcomes.push(settled.kind === "forbidden" ? await whoIsForbidden(settled, probe, call) : settled);
      }
      return outcomes;
    },
  };
}

/** A key that may make other calls works: then it is this item that is refused, and no other one. */
async function whoIsForbidden({ message, ifLost }: Forbidden, probe: Probe, call: Call): Promise<Outcome> {
  await call.read();
  const other = await probe();
  if (other.ok) return { kind: "rejected", code: "forbidden", message };
  if (ifLost !== undefined) return ifLost;
  const { failure } = other;
  if (failure.kind === "forbidden") return { kind: "access_lost", code: failure.kind };
  if (failure.kind === "access_lost" || failure.kind === "slow_down") return failure;
  // Nobody knows yet: the item had no effect, and is sent again.
  return { kind: "slow_down", retryAfterMs: UNCLEAR_RETRY_MS };
}

/** Something at WorkOS. */
export interface Made {
  id: string;
  createdAtMs: number;
}

/** Whatever has our key is ours; made by this migration only if not older than the item's first claim. */
export function ours(
  { id, createdAtMs }: Made,
  { firstClaimedAtMs }: Pick<Item<unknown>, "firstClaimedAtMs">,
): Extract<Outcome, { kind: "created" | "already_there" }> {
  const isNew = createdAtMs >= firstClaimedAtMs - CLOCK_TOLERANCE_MS;
  return { kind: isNew ? "created" : "already_there", destinationId: id };
}

/** Found where nobody knew whether it was made: it is older. */
export const NOT_MADE_HERE: Outcome = { kind: "skipped", reason: "not_made_here" };

/** Somebody else removed it. */
export const GONE: Outcome = { kind: "skipped", reason: "removed_at_destination" };

/**
 * Of what is to be removed, and was not found. Whatever is gone before any try of ours, somebody else removed. Of something
 * of which nobody knows whether it was made, absence counts once look-ups show everything.
 */
export function goneOrTooEarly({ record, inDoubt, lastTriedAtMs }: Item<MadeThing>, call: Call): Outcome {
  if (!inDoubt) return GONE;
  const retryAfterMs = record.destinationId === null ? lastTriedAtMs + facts.lookUpLagMs - call.nowMs() : 0;
  return retryAfterMs > 0 ? { kind: "too_early", retryAfterMs } : { kind: "removed" };
}

/** What the answer to a removal comes to. */
export function removal(
  answer: Called<"removed" | null>,
  { inDoubt }: Pick<Item<unknown>, "inDoubt">,
): Settled {
  if (!answer.ok) return outcomeOf(answer.failure);
  return answer.value === null && !inDoubt ? GONE : { kind: "removed" };
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
  item: Pick<Item<unknown>, "firstClaimedAtMs">,
  absence = UNKNOWN_ADDRESS,
): Promise<Settled> {
  const isWithoutEffect = ["slow_down", "access_lost", "forbidden"].includes(failure.kind);
  if (isWithoutEffect) return outcomeOf(failure, absence);
  const found = await lookUp();
  if (found.ok && found.value !== null) return ours(found.value, item);
  if (failure.kind === "unknown") return stillUnclear(failure, found);
  return outcomeOf(found.ok ? failure : found.failure, absence);
}

/** Throttled or locked out after an unclear create must not count as "had no effect": the create may have had one. */
export function stillUnclear(
  { code, message }: Extract<Failure, { kind: "unknown" }>,
  found: Called<unknown>,
): Outcome {
  if (!found.ok && found.failure.kind === "slow_down")
    return unclear(code, message, found.failure.retryAfterMs);
  return unclear(code, message);
}

export function notVisible(message: string): Outcome {
  return unclear("exists_but_not_visible", message);
}

export function unclear(code: string, message: string, retryAfterMs = UNCLEAR_RETRY_MS): Outcome {
  return { kind: "unknown", code, message, retryAfterMs };
}

export function outcomeOf(failure: Failure, absence = UNKNOWN_ADDRESS): Settled {
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

import type { Answer, Destination } from "../../destinations/destination.ts";
import type { Call, Outcome } from "../../destinations/sending.ts";
import type { DestinationUser } from "../../domain/records.ts";
import { normalizeEmail } from "../../plan/normalize.ts";
import type { NoResetReason } from "../../plan/reset-policy.ts";
import type { Recipient } from "./mailing.ts";

const LOOK_AGAIN_MS = 2_000;
/** One person is looked up this often in a row: nobody may hold the others up for ever. */
const MAX_TRIES = 8;
const CHANGED: NoResetReason = "address_changed";
/** Its link would let one person into the account of another. */
export const ADDRESS_CHANGED = { kind: "skipped", reason: CHANGED } as const satisfies Outcome;

/**
 * A reset is asked for by address, and is for whoever has that address at the destination: looks whether the person still
 * does. Null where they do; also where their account is so new that a look-up may not know it yet. Whoever cannot be
 * looked up is tried again, and fails then without a doubt: no mail of theirs can be out.
 */
export function addressCheck({ users, facts }: Pick<Destination, "users" | "facts">) {
  const tries = new Map<string, number>();

  const withoutAnswer = (sub: string, answer: Exclude<Answer<unknown>, { ok: true }>): Outcome => {
    if (answer.problem === "slow_down") return { kind: "slow_down", retryAfterMs: answer.retryAfterMs };
    if (answer.problem === "access_lost") return { kind: "access_lost", code: answer.code };
    const count = (tries.get(sub) ?? 0) + 1;
    tries.set(sub, count);
    // Aside, they would be claimed: in doubt, should the worker die.
    return answer.problem === "unavailable" && count < MAX_TRIES
      ? { kind: "slow_down", retryAfterMs: LOOK_AGAIN_MS }
      : { kind: "rejected", code: "not_looked_up", message: answer.code };
  };

  return async ({ sub, userId, email, writtenAtMs }: Recipient, call: Call): Promise<Outcome | null> => {
    await call.read();
    const found = await users.find(sub);
    if (!found.ok) return withoutAnswer(sub, found);
    if (found.value !== null)
      return found.value.id === userId && hasAddress(found.value, email) ? null : ADDRESS_CHANGED;
    const isNew = writtenAtMs !== null && call.nowMs() - writtenAtMs <= facts.lookUpLagMs;
    return isNew
      ? null
      : { kind: "rejected", code: "user_missing", message: "Nobody has this person's key." };
  };
}

/** Addresses are compared in ASCII: the recipient's is of nothing else, and in small letters. */
function hasAddress(user: DestinationUser, email: string): boolean {
  return normalizeEmail(user.email) === email;
}

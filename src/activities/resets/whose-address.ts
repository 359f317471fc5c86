import type { Answer, Destination } from "../../destinations/destination.ts";
import type { Call, Outcome } from "../../destinations/sending.ts";
import type { DestinationUser } from "../../domain/records.ts";
import { normalizeEmail } from "../../plan/normalize.ts";
import type { NoResetReason } from "../../plan/reset-policy.ts";
import { MailsHeldError, type Recipient } from "./mailing.ts";

/** Somebody whom the destination does not look up, while it answers for others. */
const LOOK_AGAIN_MS = 2_000;
/** So many people without an answer between are no matter of single people any more. */
const MAX_IN_A_ROW = 4;
/** Longer than the waits between probes, so that each of these is another person: nobody's tries are used up. */
const AFTER_PROBE_MS = 5 * 60_000;
const FIRST_HOLD_MS = 2_000;
const MAX_HOLD_MS = 30_000;
const NO_ANSWERS =
  "The destination does not say who has which address, so nobody is mailed: the run tries again by itself. Look at the destination's status page.";
const NOT_LOOKED_UP = "not_looked_up";
const CHANGED: NoResetReason = "address_changed";
/** Its link would let one person into the account of another. */
export const ADDRESS_CHANGED = { kind: "skipped", reason: CHANGED } as const satisfies Outcome;

/** Whom a destination did not look up since it last answered: each batch of a worker knows it of those before. */
class Silence {
  readonly subs = new Set<string>();
  probes = 0;

  end(): void {
    this.subs.clear();
    this.probes = 0;
  }

  get holdMs(): number {
    return Math.min(FIRST_HOLD_MS * 2 ** (this.probes - 1), MAX_HOLD_MS);
  }
}

const SILENCES = new WeakMap<object, Silence>();

function silenceOf(users: Destination["users"]): Silence {
  const silence = SILENCES.get(users) ?? new Silence();
  SILENCES.set(users, silence);
  return silence;
}

/**
 * A reset is asked for by address, and is for whoever has that address at the destination: looks whether the person still
 * does. Null where they do; also where their account is so new that a look-up may not know it yet. Whoever cannot be
 * looked up is put off without a doubt: no mail of theirs can be out. An outage holds everybody back, but for one person
 * a batch, who shows whether it lasts.
 */
export function addressCheck({ users, facts }: Pick<Destination, "users" | "facts">) {
  const silence = silenceOf(users);
  let isProbed = false;

  const unavailable = (sub: string, code: string): Outcome => {
    const isOutage = silence.subs.size >= MAX_IN_A_ROW;
    if (isOutage && isProbed) return { kind: "held", error: new MailsHeldError(NO_ANSWERS, silence.holdMs) };
    silence.subs.add(sub);
    if (silence.subs.size >= MAX_IN_A_ROW) {
      isProbed = true;
      silence.probes += 1;
    }
    const retryAfterMs = isOutage ? AFTER_PROBE_MS : LOOK_AGAIN_MS;
    return { kind: "put_off", retryAfterMs, code: NOT_LOOKED_UP, message: code };
  };

  const withoutAnswer = (sub: string, answer: Exclude<Answer<unknown>, { ok: true }>): Outcome => {
    if (answer.problem === "slow_down") return { kind: "slow_down", retryAfterMs: answer.retryAfterMs };
    if (answer.problem === "access_lost") return { kind: "access_lost", code: answer.code };
    if (answer.problem === "unavailable") return unavailable(sub, answer.code);
    return { kind: "rejected", code: NOT_LOOKED_UP, message: answer.code };
  };

  return async ({ sub, userId, email, writtenAtMs }: Recipient, call: Call): Promise<Outcome | null> => {
    await call.read();
    const found = await users.find(sub);
    if (!found.ok) return withoutAnswer(sub, found);
    silence.end();
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

import { beginMove, endMove, noteMoved } from "../ledger/bridge.ts";
import { LedgerError } from "../ledger/errors.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { outcomeOf, type SignInOutcome } from "./outcomes.ts";
import { accountOf, type Mover } from "./own-account.ts";
import type { PlacedAhead } from "./place-ahead.ts";
import { placeAsListed } from "./place-now.ts";
import { whyNotBegun } from "./served.ts";

/**
 * Sets the password at the destination and signs in with it. The ledger has it on disk before the destination knows:
 * whoever's password may stand there already gets no reset mail, whatever becomes of this process. A ledger may keep one
 * waiting, so the last look comes after it, and nothing between the look and the password.
 */
export async function signInMoved(
  deps: BridgeDeps,
  { email, password, client }: Credentials,
  { migration, person, byEmail, ahead }: Omit<Mover, "placed"> & { ahead: PlacedAhead },
): Promise<SignInOutcome> {
  const { ledger, accounts, late } = deps;
  const { sub } = person;
  const listed = await placeAsListed(deps, migration, person, ahead.of(person));
  if (!listed.ok) return listed.outcome;
  const { placed } = listed;
  late.throwIfAborted();
  if (!(await ledger.change((db) => beginMove(db, migration.id, sub)))) return whyNotBegun(deps);
  let mayStand = false;
  try {
    const own = await accountOf(deps, { migration, person, byEmail, placed });
    if (!own.ok) return own.outcome;
    late.throwIfAborted();
    mayStand = true;
    const set = await accounts.setPassword(own.destinationId, password);
    if (set.kind === "outage") return set;
    mayStand = set.kind === "set";
    if (set.kind === "too_weak") return { kind: "password_reset_required" };
    if (set.kind === "slow_down") return { kind: "throttled", retryAfterMs: set.retryAfterMs };
  } finally {
    // Whoever was not moved may be mailed.
    if (!mayStand) await told(deps, () => ledger.changeSoon((db) => endMove(db, migration.id, sub)));
  }
  const [answer] = await Promise.all([
    accounts.signIn(email, password, client),
    // A lost note leaves a begun move, which gets no mail either.
    told(deps, () => ledger.changeSoon((db) => noteMoved(db, migration.id, sub))),
  ]);
  return outcomeOf(answer, true);
}

/** A ledger that does not answer any more must not keep the person out, nor change what they are told. */
async function told({ onTrouble }: BridgeDeps, note: () => Promise<void>): Promise<void> {
  try {
    await note();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    onTrouble(error.problem);
  }
}

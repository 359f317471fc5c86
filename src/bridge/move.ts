import { beginMove, endMove, noteMoved } from "../ledger/bridge.ts";
import { LedgerError } from "../ledger/errors.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { outcomeOf, type SignInOutcome, WRONG } from "./outcomes.ts";

/**
 * Sets the password at the destination and signs in with it. The ledger knows of it before the destination does:
 * whoever's password may stand there already gets no reset mail, whatever becomes of this process.
 */
export async function signInMoved(
  deps: BridgeDeps,
  migrationId: number,
  { email, password, client }: Credentials,
  { sub, destinationId }: { sub: string; destinationId: string },
): Promise<SignInOutcome> {
  const { ledger, accounts } = deps;
  const isNewest = await ledger.changeSoon((db) => beginMove(db, migrationId, sub, destinationId));
  if (!isNewest) return WRONG;
  const set = await accounts.setPassword(destinationId, password);
  if (set.kind === "outage") return set;
  if (set.kind !== "set") {
    await told(deps, () => ledger.changeSoon((db) => endMove(db, migrationId, sub)));
    return set.kind === "too_weak"
      ? { kind: "password_reset_required" }
      : { kind: "throttled", retryAfterMs: set.retryAfterMs };
  }
  const [answer] = await Promise.all([
    accounts.signIn(email, password, client),
    // A lost note leaves a begun move, which gets no mail either.
    told(deps, () => ledger.changeSoon((db) => noteMoved(db, migrationId, sub))),
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

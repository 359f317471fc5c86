import type { Answer } from "../destinations/destination.ts";
import type { Account, SignInDestination } from "../destinations/sign-in.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { bringOver } from "./bring.ts";
import type { BridgeDeps } from "./deps.ts";
import { look, whyNotReplaced } from "./newer-password.ts";
import { type NotSignedIn, outage, problemOf, WRONG } from "./outcomes.ts";
import { type Created, type Proven, placeNow } from "./place-now.ts";

/** `seenAtMs`: when nothing newer stood there, as far as anything told. */
type Own = { ok: true; destinationId: string; seenAtMs: number } | { ok: false; outcome: NotSignedIn };

/** Who has just proven that the password is theirs at Cognito. */
export interface Mover {
  migration: MigrationRow;
  person: Proven;
  /** What the destination has under their address. */
  byEmail: Account | null;
  /** How the snapshot lets them in, and what account the ledger gave them. */
  placed: Created;
}

/** What was looked at longer ago is looked at again: meanwhile its owner may have set a password. */
const LOOK_GOOD_MS = 1_000;

/**
 * The account whose password may be set at this moment, and not later: found by our key, or made now. Looked at after
 * Cognito's answer and after the ledger was told.
 */
export async function accountOf(deps: BridgeDeps, mover: Mover): Promise<Own> {
  const first = await foundOrMade(deps, mover);
  if (!first.ok || isFresh(first)) return first;
  const again = await lookedById(deps, mover, first.destinationId);
  return again.ok && !isFresh(again) ? refused(outage("look_too_slow")) : again;
}

function isFresh({ seenAtMs }: { seenAtMs: number }): boolean {
  return performance.now() - seenAtMs <= LOOK_GOOD_MS;
}

async function foundOrMade(deps: BridgeDeps, mover: Mover): Promise<Own> {
  const { accounts } = deps;
  const { migration, person, byEmail, placed } = mover;
  const byKey = () => accounts.accountByExternalId(person.sub);
  const knownId = placed.destinationId ?? (byEmail?.externalId === person.sub ? byEmail.id : null);
  if (knownId !== null) {
    const own = await looked(deps, mover, knownId, async () => {
      const found = await byKey();
      return found.ok && found.value === null ? givenAccount(accounts, knownId) : found;
    });
    // Whoever was removed at the destination stays removed.
    return own ?? refused(WRONG);
  }
  // Hardly ever has anybody the key: neither answer waits for the other, as somebody waits for both.
  const [found, fresh] = await Promise.all([byKey(), placeNow(deps, migration, person, placed)]);
  if (!found.ok) return refused(problemOf(found));
  if (found.value !== null) return lookedById(deps, mover, found.value.id);
  if (!fresh.ok) return fresh;
  const brought = await bringOver(deps, migration, fresh.placed);
  if (!brought.ok) return brought;
  const { destinationId, madeAtMs } = brought;
  if (madeAtMs !== null) return { ok: true, destinationId, seenAtMs: madeAtMs };
  // It was there and could not be seen, or was somebody's before it was adopted.
  return lookedById(deps, mover, destinationId);
}

async function lookedById(deps: BridgeDeps, mover: Mover, accountId: string): Promise<Own> {
  const own = await looked(deps, mover, accountId, () => deps.accounts.accountById(accountId));
  return own ?? refused(outage("account_not_visible"));
}

/** What the ledger gave somebody, where no other look-up shows it yet; null where it is gone. */
export async function givenAccount(
  accounts: SignInDestination,
  destinationId: string | null,
): Promise<Answer<Account | null>> {
  return destinationId === null ? { ok: true, value: null } : accounts.accountById(destinationId);
}

/** Null where the destination has no such account. */
async function looked(
  deps: BridgeDeps,
  mover: Mover,
  accountId: string,
  lookUp: () => Promise<Answer<Account | null>>,
): Promise<Own | null> {
  const { migration, person, byEmail } = mover;
  const found = await look(deps, migration.id, { sub: person.sub, accountId }, lookUp);
  if (!found.account.ok) return refused(problemOf(found.account));
  const own = found.account.value;
  if (own === null) return null;
  const isTheirs =
    own.externalId === person.sub &&
    own.email === person.email &&
    (byEmail === null || byEmail.id === own.id);
  if (!isTheirs || own.hasSignedIn) return refused(WRONG);
  // Another one stands for them by now than the ledger knows.
  if (own.id !== accountId) return lookedById(deps, mover, own.id);
  const refusal = whyNotReplaced(deps, own, found);
  return refusal === null ? { ok: true, destinationId: own.id, seenAtMs: found.seenAtMs } : refused(refusal);
}

function refused(outcome: NotSignedIn): Own {
  return { ok: false, outcome };
}

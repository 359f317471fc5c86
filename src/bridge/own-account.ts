import type { ProvenPerson } from "../cognito/id-token.ts";
import type { Answer } from "../destinations/destination.ts";
import type { Account } from "../destinations/sign-in.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { bringOver } from "./bring.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NotSignedIn, outage, problemOf, WRONG } from "./outcomes.ts";
import { place } from "./place.ts";

/** Somebody whom Cognito let in by the address that was typed, which is verified. */
export type Proven = ProvenPerson & { email: string };

type Own = { ok: true; destinationId: string } | { ok: false; outcome: NotSignedIn };

/** What the destination says of somebody, after Cognito's answer. */
interface Standing {
  account: Answer<Account | null>;
  /** Every reset completed until now is in the ledger. */
  copied: Answer<null>;
}

/**
 * The account whose password may be set, unless the ledger knows of a completed reset: found by our key, or made now.
 * Looked at again after Cognito's answer.
 */
export async function accountOf(
  deps: BridgeDeps,
  migration: MigrationRow,
  byEmail: Account | null,
  person: Proven,
): Promise<Own> {
  const [placed, now] = await Promise.all([
    place(deps.ledger, deps.destination, migration, person),
    look(deps, migration.id, person.sub),
  ]);
  if (placed.kind === "left_out") return refused({ kind: "not_for_import", reason: placed.reason });
  const found = judged(byEmail, person, now);
  if (found !== null) return found;
  // Whoever was removed at the destination stays removed.
  if (placed.destinationId !== null) return refused(WRONG);
  const brought = await bringOver(deps, migration, placed);
  if (!brought.ok || brought.isNew) return brought;
  // It was there and could not be seen, or was somebody's before it was adopted.
  const then = await look(deps, migration.id, person.sub);
  return judged(byEmail, person, then) ?? refused(outage("account_not_visible"));
}

async function look({ accounts, resets }: BridgeDeps, migrationId: number, sub: string): Promise<Standing> {
  const [account, copied] = await Promise.all([
    accounts.accountByExternalId(sub),
    resets.catchUp(migrationId),
  ]);
  return { account, copied };
}

/** Null where the destination has no account with our key. */
function judged(byEmail: Account | null, person: Proven, { account, copied }: Standing): Own | null {
  if (!account.ok) return refused(problemOf(account));
  const own = account.value;
  if (own === null) return null;
  const isTheirs = own.email === person.email && (byEmail === null || byEmail.id === own.id);
  if (!isTheirs || own.hasSignedIn) return refused(WRONG);
  return copied.ok ? { ok: true, destinationId: own.id } : refused(problemOf(copied));
}

function refused(outcome: NotSignedIn): Own {
  return { ok: false, outcome };
}

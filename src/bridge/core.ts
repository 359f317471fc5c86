import type { PasswordVerdict } from "../cognito/sign-in.ts";
import type { Answer } from "../destinations/destination.ts";
import type { Account } from "../destinations/sign-in.ts";
import { hasCompletedReset } from "../ledger/bridge.ts";
import { bridgeCluster } from "../ledger/bridge-people.ts";
import { LedgerError } from "../ledger/errors.ts";
import type { PlannedUser } from "../ledger/plan.ts";
import { findMigrationInForce, type MigrationRow } from "../ledger/runs.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { signInMoved } from "./move.ts";
import {
  ADDRESS_REFUSED,
  type NotSignedIn,
  outage,
  outcomeOf,
  problemOf,
  type SignInOutcome,
  WRONG,
} from "./outcomes.ts";
import { accountOf, type Proven } from "./own-account.ts";
import { hasAccountOf } from "./place.ts";

/**
 * One sign-in. The destination is asked first, and alone for everybody who has signed in there. What it refuses goes to
 * Cognito once, and only where no newer password can exist:
 * 1. the account with this address was never signed in to, and no reset of its password was completed; or
 * 2. nobody has the address there, and the ledger never gave it to anybody.
 * Who it is says the token that Cognito returns; what becomes of them, the rules of the plan.
 */
export async function signIn(deps: BridgeDeps, credentials: Credentials): Promise<SignInOutcome> {
  const { email, password, client } = credentials;
  if (!isPlainAddress(email)) return ADDRESS_REFUSED;
  const first = await deps.accounts.signIn(email, password, client);
  if (first.kind !== "refused") return outcomeOf(first, false);
  try {
    return await signInWithCognito(deps, credentials);
  } catch (error) {
    if (error instanceof LedgerError) return outage(error.problem);
    throw error;
  }
}

async function signInWithCognito(deps: BridgeDeps, credentials: Credentials): Promise<SignInOutcome> {
  const { email, password } = credentials;
  const [account, known] = await Promise.all([deps.accounts.accountByEmail(email), recall(deps, email)]);
  if (known === null) return outage("no_migration");
  if (!account.ok) return problemOf(account);
  const refusal = await whyNotAsked(deps, email, account.value, known);
  if (refusal !== null) return refusal;

  const { migration, cluster } = known;
  const verdict = await deps.passwords.check(usernameOf(credentials, cluster), password);
  const proven = provenBy(verdict, email);
  if (!proven.ok) return proven.outcome;
  const mine = await accountOf(deps, migration, account.value, proven.person);
  const outcome = mine.ok
    ? await signInMoved(deps, migration.id, credentials, { sub: proven.person.sub, ...mine })
    : mine.outcome;
  if (outcome.kind !== "wrong") return outcome;
  // Another tab may have brought the password over meanwhile: the destination knows.
  return outcomeOf(await deps.accounts.signIn(email, password, credentials.client), false);
}

/** What the ledger holds for this address, with every reset completed until now. */
interface Known {
  migration: MigrationRow;
  cluster: readonly PlannedUser[];
  copied: Answer<null>;
}

/** Null without a migration. */
async function recall({ ledger, migration, resets }: BridgeDeps, email: string): Promise<Known | null> {
  const row = await ledger.read((db) => findMigrationInForce(db, migration));
  if (row === undefined) return null;
  const [copied, cluster] = await Promise.all([
    resets.catchUp(row.id),
    ledger.read((db) => bridgeCluster(db, row, email)),
  ]);
  return { migration: row, cluster, copied };
}

/** Null where Cognito's password may be the newest there is. */
async function whyNotAsked(
  { ledger }: BridgeDeps,
  email: string,
  account: Account | null,
  { migration, cluster, copied }: Known,
): Promise<NotSignedIn | null> {
  // Whoever was removed at the destination stays removed.
  if (account === null && cluster.some((user) => hasAccountOf(user, email))) return WRONG;
  if (account?.hasSignedIn) return WRONG;
  if (!copied.ok) return problemOf(copied);
  if (account === null) return null;
  const replaced = await ledger.read((db) => hasCompletedReset(db, migration.id, account.id));
  return replaced ? WRONG : null;
}

/** Cognito takes the name of an account for certain, and an address only where the pool's sign-in says so. */
export function usernameOf({ typed, email }: Credentials, cluster: readonly PlannedUser[]): string {
  const [first] = cluster
    .filter((user) => user.native === 1 && user.email === email)
    .sort(
      (a, b) =>
        Number(hasAccountOf(b, email)) - Number(hasAccountOf(a, email)) ||
        b.enabled - a.enabled ||
        b.email_verified - a.email_verified ||
        a.created_at_ms - b.created_at_ms ||
        (a.sub < b.sub ? -1 : 1),
    );
  return first?.username ?? typed.trim();
}

/** The address typed must be the person's own, and verified. */
export function provenBy(
  verdict: PasswordVerdict,
  email: string,
): { ok: true; person: Proven } | { ok: false; outcome: NotSignedIn } {
  if (verdict.kind !== "proven") return { ok: false, outcome: refusalOf(verdict) };
  const { person } = verdict;
  if (person.email !== email) return { ok: false, outcome: WRONG };
  if (!person.emailVerified) return { ok: false, outcome: { kind: "not_verified", fields: {} } };
  return { ok: true, person: { ...person, email } };
}

/** Cognito does not say for how long. */
const THROTTLED_MS = 1_000;

function refusalOf(verdict: Exclude<PasswordVerdict, { kind: "proven" }>): NotSignedIn {
  switch (verdict.kind) {
    case "second_factor":
      return { kind: "second_factor", fields: {} };
    case "throttled":
      return { kind: "throttled", retryAfterMs: THROTTLED_MS };
    case "outage":
      return verdict;
    default:
      return { kind: verdict.kind };
  }
}

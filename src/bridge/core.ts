import type { ProvenPerson } from "../cognito/id-token.ts";
import type { PasswordVerdict } from "../cognito/sign-in.ts";
import type { Answer } from "../destinations/destination.ts";
import type { Account } from "../destinations/sign-in.ts";
import { type BridgeUser, bridgeCluster, hasCompletedReset, noteMoved } from "../ledger/bridge.ts";
import { LedgerError } from "../ledger/errors.ts";
import { findMigration, type MigrationRow } from "../ledger/runs.ts";
import { bringOver } from "./bring.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { type NoAnswer, type NotSignedIn, outage, outcomeOf, type SignInOutcome, WRONG } from "./outcomes.ts";
import { place } from "./place.ts";

/**
 * One sign-in. The destination is asked first, and alone for everybody who has signed in there. What it refuses goes to
 * Cognito once, and only where no newer password can exist:
 * 1. the account with this address was never signed in to, and no reset of its password was completed; or
 * 2. nobody has the address there, and the ledger never gave this person an account.
 * Who it is says the token that Cognito returns; what becomes of them, the rules of the plan.
 */
export async function signIn(deps: BridgeDeps, credentials: Credentials): Promise<SignInOutcome> {
  const { email, password, client } = credentials;
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
  const { email, password, client } = credentials;
  const migration = await deps.ledger.read((db) => findMigration(db, deps.migration));
  if (migration === undefined) return outage("no_migration");
  const account = await deps.accounts.accountByEmail(email);
  if (!account.ok) return problemOf(account);
  const cluster = await deps.ledger.read((db) => bridgeCluster(db, migration, email));
  const refusal = await whyNotAsked(deps, migration, account.value, cluster);
  if (refusal !== null) return refusal;

  const verdict = await deps.passwords.check(usernameOf(credentials, cluster), password);
  const proven = provenBy(verdict, email);
  if (!proven.ok) return proven.outcome;
  const mine = await accountOf(deps, migration, account.value, proven.person);
  // Another tab may have brought the password over meanwhile: the destination knows.
  if (!mine.ok && mine.outcome.kind === "wrong")
    return outcomeOf(await deps.accounts.signIn(email, password, client), false);
  if (!mine.ok) return mine.outcome;

  const set = await deps.accounts.setPassword(mine.destinationId, password);
  switch (set.kind) {
    case "too_weak":
      return { kind: "password_reset_required" };
    case "slow_down":
      return { kind: "throttled", retryAfterMs: set.retryAfterMs };
    case "outage":
      return set;
  }
  await tellLedger(deps, migration.id, proven.person.sub, mine.destinationId);
  return outcomeOf(await deps.accounts.signIn(email, password, client), true);
}

/** Null where Cognito's password may be the newest there is. */
async function whyNotAsked(
  deps: BridgeDeps,
  migration: MigrationRow,
  account: Account | null,
  cluster: readonly BridgeUser[],
): Promise<NotSignedIn | null> {
  // Whoever was removed at the destination stays removed.
  if (account === null && cluster.some((user) => user.destinationId !== null)) return WRONG;
  if (account?.hasSignedIn) return WRONG;
  return whyReplaced(deps, migration.id, account?.id ?? null);
}

/** Null if no reset of this account's password was completed until now. */
async function whyReplaced(
  deps: BridgeDeps,
  migrationId: number,
  accountId: string | null,
): Promise<NotSignedIn | null> {
  const copied = await deps.resets.catchUp(migrationId);
  if (!copied.ok) return problemOf(copied);
  if (accountId === null) return null;
  const replaced = await deps.ledger.read((db) => hasCompletedReset(db, migrationId, accountId));
  return replaced ? WRONG : null;
}

/** Cognito takes the name of an account for certain, and an address only where the pool's sign-in says so. */
export function usernameOf({ typed, email }: Credentials, cluster: readonly BridgeUser[]): string {
  const [first] = cluster
    .filter((user) => user.native === 1 && user.email === email)
    .sort(
      (a, b) =>
        Number(b.destinationId !== null) - Number(a.destinationId !== null) ||
        b.enabled - a.enabled ||
        b.email_verified - a.email_verified ||
        a.created_at_ms - b.created_at_ms ||
        (a.sub < b.sub ? -1 : 1),
    );
  return first?.username ?? typed.trim();
}

type Proven = ProvenPerson & { email: string };

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

type Mine = { ok: true; destinationId: string } | { ok: false; outcome: NotSignedIn };

/** The account whose password may be set: found by our key, or made now. Looked at again after Cognito's answer. */
async function accountOf(
  deps: BridgeDeps,
  migration: MigrationRow,
  byEmail: Account | null,
  person: Proven,
): Promise<Mine> {
  const placed = await place(deps.ledger, deps.destination, migration, person);
  if (placed.kind === "left_out") return refused({ kind: "not_for_import", reason: placed.reason });
  const found = await deps.accounts.accountByExternalId(person.sub);
  if (!found.ok) return refused(problemOf(found));
  if (found.value !== null) return judged(deps, migration, byEmail, person, found.value);
  if (placed.destinationId !== null) return refused(WRONG);
  const brought = await bringOver(deps, migration, placed);
  if (!brought.ok || brought.isNew) return brought;
  // It was there and could not be seen, or was somebody's before it was adopted.
  const again = await deps.accounts.accountByExternalId(person.sub);
  if (!again.ok) return refused(problemOf(again));
  if (again.value === null) return refused(outage("account_not_visible"));
  return judged(deps, migration, byEmail, person, again.value);
}

async function judged(
  deps: BridgeDeps,
  migration: MigrationRow,
  byEmail: Account | null,
  person: Proven,
  account: Account,
): Promise<Mine> {
  const isTheirs = account.email === person.email && (byEmail === null || byEmail.id === account.id);
  if (!isTheirs || account.hasSignedIn) return refused(WRONG);
  const refusal = await whyReplaced(deps, migration.id, account.id);
  return refusal === null ? { ok: true, destinationId: account.id } : refused(refusal);
}

function refused(outcome: NotSignedIn): Mine {
  return { ok: false, outcome };
}

/** The password is set by now: a ledger that does not answer must not keep the person out. */
async function tellLedger(
  { ledger, onTrouble }: BridgeDeps,
  migrationId: number,
  sub: string,
  destinationId: string,
): Promise<void> {
  try {
    await ledger.write((tx) => noteMoved(tx, migrationId, sub, destinationId));
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    onTrouble(error.problem);
  }
}

export function problemOf(answer: Exclude<Answer<unknown>, { ok: true }>): NoAnswer {
  if (answer.problem === "slow_down") return { kind: "throttled", retryAfterMs: answer.retryAfterMs };
  return outage(answer.code);
}

import type { PasswordVerdict } from "../cognito/sign-in.ts";
import type { Answer } from "../destinations/destination.ts";
import type { Account } from "../destinations/sign-in.ts";
import { BRIDGE_TAKES_MS } from "../domain/bridge-time.ts";
import type { Migration } from "../domain/migration.ts";
import type { PoolShape } from "../domain/pool.ts";
import { isBeingMoved } from "../ledger/bridge.ts";
import { bridgeCluster } from "../ledger/bridge-people.ts";
import { readPool } from "../ledger/configuration.ts";
import { LedgerError } from "../ledger/errors.ts";
import type { PlannedUser } from "../ledger/plan.ts";
import { hasCompletedReset } from "../ledger/reset-events.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { signInMoved } from "./move.ts";
import {
  ADDRESS_REFUSED,
  type NoAnswer,
  type NotSignedIn,
  outage,
  outcomeOf,
  problemOf,
  type SignInOutcome,
  THROTTLED_BY_SOURCE,
  WRONG,
} from "./outcomes.ts";
import { givenAccount } from "./own-account.ts";
import { hasAccountOf } from "./place.ts";
import { placeAhead } from "./place-ahead.ts";
import type { Proven } from "./place-now.ts";
import { servedMigration } from "./served.ts";
import { usernameOf } from "./username.ts";

/**
 * One sign-in. The destination is asked first, and alone for everybody who has signed in there. What it refuses goes to
 * Cognito once, and only where no newer password can exist:
 * 1. the account with this address was never signed in to, and no reset of its password was completed; or
 * 2. nobody has the address there, and the ledger never gave it to anybody.
 * Who it is says the token that Cognito returns; what becomes of them, the rules of the plan.
 */
export async function signIn(deps: BridgeDeps, credentials: Credentials): Promise<SignInOutcome> {
  if (!isPlainAddress(credentials.email)) return ADDRESS_REFUSED;
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
  const { email, password } = credentials;
  const [found, known] = await Promise.all([deps.accounts.accountByEmail(email), recall(deps, email)]);
  if ("kind" in known) return known;
  const { migration, cluster } = known;
  const answer = await withGiven(deps, email, found, cluster);
  if (!answer.ok) return problemOf(answer);
  const account = answer.value;
  const refusal = await whyNotAsked(deps, email, account, known);
  if (refusal !== null) {
    const isStale = refusal.kind === "wrong" && (await isBroughtMeanwhile(deps, migration, account));
    return isStale ? askAgain(deps, credentials) : refusal;
  }

  const username = usernameOf(credentials, cluster, known.pool);
  const ahead = placeAhead(deps, migration, email, cluster);
  const verdict = await deps.passwords.check(username, password, credentials.client);
  if (verdict.kind === "throttled") deps.throttle.note();
  const proven = provenBy(verdict, email, migration.file.passwordResets);
  if (!proven.ok) return proven.outcome;
  const { person } = proven;
  const outcome = await signInMoved(deps, credentials, { migration, person, byEmail: account, ahead });
  if (!MAY_BE_BROUGHT.has(outcome.kind)) return outcome;
  const again = await askAgain(deps, credentials);
  if (again.kind !== "wrong") return again;
  if (outcome.kind === "reset_required") deps.onTrouble("password_may_be_newer");
  return outcome;
}

/** What somebody with the right password may be told while another sign-in of theirs brings it over. */
const MAY_BE_BROUGHT = new Set<SignInOutcome["kind"]>(["wrong", "reset_required", "password_reset_required"]);

/** Another sign-in of theirs may have brought the password over since the first question: the destination knows. */
async function askAgain(
  { accounts }: BridgeDeps,
  { email, password, client }: Credentials,
): Promise<SignInOutcome> {
  return outcomeOf(await accounts.signIn(email, password, client), false);
}

async function isBroughtMeanwhile(
  { ledger }: BridgeDeps,
  migration: MigrationRow,
  account: Account | null,
): Promise<boolean> {
  const sub = account?.externalId ?? null;
  if (sub === null) return false;
  return ledger.read((db) => isBeingMoved(db, migration.id, sub, BRIDGE_TAKES_MS));
}

/** An account that was made a moment ago may not show by its address yet: it does by the id that the ledger keeps. */
async function withGiven(
  { accounts }: BridgeDeps,
  email: string,
  found: Answer<Account | null>,
  cluster: readonly PlannedUser[],
): Promise<Answer<Account | null>> {
  if (!found.ok || found.value !== null) return found;
  const owner = cluster.find((user) => hasAccountOf(user, email));
  const given = await givenAccount(accounts, owner?.placed?.destinationId ?? null);
  return given.ok && given.value?.email !== email ? found : given;
}

/** What the ledger holds for this address, with every reset completed until now. */
interface Known {
  migration: MigrationRow;
  cluster: readonly PlannedUser[];
  /** Undefined before a run has read it. */
  pool: PoolShape | undefined;
  copied: Answer<null>;
}

async function recall(deps: BridgeDeps, email: string): Promise<Known | NoAnswer> {
  const served = await servedMigration(deps);
  if (!served.ok) return served.outcome;
  const { ledger, resets } = deps;
  const { migration: row } = served;
  const [copied, cluster, pool] = await Promise.all([
    resets.catchUp(row.id),
    ledger.read((db) => bridgeCluster(db, row, email)),
    ledger.read((db) => readPool(db, row.id)),
  ]);
  return { migration: row, cluster, pool, copied };
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

/** The address typed must be the person's own, and verified. */
export function provenBy(
  verdict: PasswordVerdict,
  email: string,
  resets: Migration["passwordResets"],
): { ok: true; person: Proven } | { ok: false; outcome: NotSignedIn } {
  if (verdict.kind !== "proven") return { ok: false, outcome: refusalOf(verdict, resets) };
  const { person } = verdict;
  if (person.email !== email) return { ok: false, outcome: WRONG };
  if (!person.emailVerified) return { ok: false, outcome: { kind: "not_verified", fields: {} } };
  return { ok: true, person: { ...person, email } };
}

function refusalOf(
  verdict: Exclude<PasswordVerdict, { kind: "proven" }>,
  { acceptMfaLoss }: Migration["passwordResets"],
): NotSignedIn {
  switch (verdict.kind) {
    case "second_factor":
      return { kind: "second_factor", fields: {}, mayDropFactor: acceptMfaLoss };
    case "throttled":
      return THROTTLED_BY_SOURCE;
    case "outage":
      return verdict;
    case "wrong":
      return WRONG;
    case "new_password_required":
      return { kind: "reset_required" };
    case "reset_required":
      return { kind: "wrong", code: "reset_pending" };
    default:
      return { kind: "wrong", code: verdict.kind };
  }
}

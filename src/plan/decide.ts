import type { Migration } from "../domain/migration.ts";
import type { Action, Reason } from "../domain/outcomes.ts";
import { ownValue } from "../domain/own-value.ts";
import { hasNoSub, isPlainAddress } from "./normalize.ts";
import { peopleOf } from "./people.ts";

/** What the rules need to know of one account. */
export interface Account {
  sub: string;
  status: string;
  enabled: boolean;
  native: boolean;
  email: string | null;
  emailVerified: boolean;
  createdAtMs: number;
  /** True once the account was written to the destination, or may have been. */
  written: boolean;
  /** Of a written one that is not known to stand under the address it has now. */
  standing?: "elsewhere" | "in_doubt";
  /** Those that it holds, each as one text; they are told where it matters who is one person by them. */
  identities?: readonly string[];
  /** True for whoever had the account of this address, which somebody removed at the destination. */
  removed?: boolean;
}

export type Decision = { sub: string } & (
  | { action: Extract<Action, "create">; reason: null; mergeInto: null }
  | { action: Extract<Action, "merge">; reason: "merged_same_email"; mergeInto: string }
  | { action: Extract<Action, "skip">; reason: Reason; mergeInto: null }
);

export interface Policy {
  users: Migration["users"];
  refusesEmail: (email: string) => boolean;
}

/** A cluster larger than this is no person's: nothing in it is decided without an operator. */
export const MAX_CLUSTER = 1_000;

/** Statuses of people who may be imported; every other one, known or not, is quarantined. */
const IMPORTABLE = [
  "CONFIRMED",
  "UNCONFIRMED",
  "FORCE_CHANGE_PASSWORD",
  "RESET_REQUIRED",
  "EXTERNAL_PROVIDER",
];

const skip = (sub: string, reason: Reason): Decision => ({ sub, action: "skip", reason, mergeInto: null });
const create = (sub: string): Decision => ({ sub, action: "create", reason: null, mergeInto: null });
const merge = (sub: string, into: string): Decision => ({
  sub,
  action: "merge",
  reason: "merged_same_email",
  mergeInto: into,
});

/** What else is known of a cluster. */
export interface Around {
  /** The accounts given are a part of a cluster over MAX_CLUSTER. */
  tooMany?: boolean;
  /** Accounts with one of its addresses that a link took into another cluster: they are decided there. */
  witnesses?: readonly Account[];
  /** Addresses whose account somebody removed at the destination, of people whom the source lists no more. */
  removedAddresses?: ReadonlySet<string>;
}

/** Decides all accounts that share one cluster key, one decision each. Pure. */
export function decideCluster(
  accounts: readonly Account[],
  policy: Policy,
  { tooMany = false, witnesses = [], removedAddresses = new Set() }: Around = {},
): Decision[] {
  const decisions: Decision[] = [];
  const candidates: Account[] = [];
  for (const account of accounts) {
    const reason = ownReason(account, policy);
    if (reason === null) candidates.push(account);
    else decisions.push(skip(account.sub, reason));
  }
  // An account that the operator took out by name says nothing about the others.
  const cluster = [...accounts, ...witnesses].filter((account) => decidedOf(account, policy) !== "skip");
  const isRemoved = isPersonRemoved(accounts, candidates, removedAddresses);
  return [...decisions, ...decideTogether(candidates, cluster, policy, tooMany, isRemoved)];
}

/** Why this account is skipped whatever the others are; null if nothing of its own stands against it. */
function ownReason(account: Account, policy: Policy): Reason | null {
  const { users, refusesEmail } = policy;
  const decided = decidedOf(account, policy);
  if (decided === "skip") return "decided_skip";
  if (hasNoSub(account.sub)) return "no_sub";
  // Never against "disabled", whatever was decided: importing would let them in.
  if (!account.enabled) return "disabled";
  if (decided !== "import") {
    if (!IMPORTABLE.includes(account.status) && users.quarantined === "skip") return "quarantined_status";
    if (account.status === "UNCONFIRMED" && users.unconfirmed === "skip") return "unconfirmed";
  }
  if (account.email === null) return "no_email";
  if (!isPlainAddress(account.email) || refusesEmail(account.email)) return "email_refused";
  return null;
}

/** What the file says of somebody by name. A sub such as "constructor" is nobody's decision. */
export function decidedOf(
  { sub }: Pick<Account, "sub">,
  { users: { decisions } }: Pick<Policy, "users">,
): "import" | "skip" | "readdress" | undefined {
  return ownValue(decisions, sub);
}

function decideTogether(
  candidates: readonly Account[],
  cluster: readonly Account[],
  policy: Policy,
  tooMany: boolean,
  isRemoved: boolean,
): Decision[] {
  const waiting = waitingReason(cluster, tooMany);
  const known = {
    people: peopleOf(cluster),
    anyVerified: cluster.some((account) => account.enabled && account.emailVerified),
  };
  const isNamed = (account: Account) => decidedOf(account, policy) === "import";
  // Where a person must decide, only the accounts that this person named go on, beside one that stands there already.
  const mayBegin = waiting === null && !isRemoved;
  const eligible = candidates.filter((account) => mayBegin || isNamed(account) || account.written);
  const alone = settledOf(candidates, known);
  const isFree = (account: Account) => !alone.some((one) => isInTheWay(one, account, known));
  const next = () => choosePrimary(eligible.filter(isFree), known);
  let primary = next();
  for (; primary !== undefined && !primary.emailVerified; primary = next()) alone.push(primary);
  return candidates.map((account) => {
    if (account === primary || alone.includes(account)) return create(account.sub);
    if (waiting !== null && !isNamed(account)) return skip(account.sub, waiting);
    if (isRemoved && primary === undefined && isPersonOf(account) && !isNamed(account))
      return skip(account.sub, "removed_at_destination");
    // An unverified account may be anybody's: it is never merged, and nothing is merged into one.
    if (primary?.emailVerified && account.emailVerified) return merge(account.sub, primary.sub);
    return skip(account.sub, "unverified_duplicate");
  });
}

/**
 * Whoever was removed at the destination does not come back as another account of theirs, unless one of them stands
 * there. An account that merely claims the address has no part in it.
 */
function isPersonRemoved(
  accounts: readonly Account[],
  candidates: readonly Account[],
  removedAddresses: ReadonlySet<string>,
): boolean {
  const others = candidates.filter(({ emailVerified, removed }) => emailVerified && removed !== true);
  if (others.length === 0 || candidates.some((account) => standsForThem(account, others))) return false;
  return (
    accounts.some(({ removed }) => removed) || others.some(({ email }) => removedAddresses.has(email ?? ""))
  );
}

function isPersonOf({ emailVerified, removed }: Account): boolean {
  return emailVerified || removed === true;
}

function standsForThem(
  { written, standing, emailVerified, email }: Account,
  others: readonly Account[],
): boolean {
  if (!written || emailVerified) return written;
  return standing === undefined && others.some((one) => one.email === email);
}

interface Known {
  /** Who is one person by an identity, see `peopleOf`. */
  people: ReadonlyMap<string, string>;
  /** Somebody who may sign in is verified. */
  anyVerified: boolean;
}

/**
 * Unverified accounts that stand already: each keeps what it has. Not where somebody verified stands as well who is one
 * person with it, or has its address; one in doubt neither, unless it is a person's who would be there twice.
 */
function settledOf(candidates: readonly Account[], known: Known): Account[] {
  const verified = candidates.filter(({ emailVerified }) => emailVerified);
  const isDoubtful = (account: Account) =>
    account.standing === "in_doubt" &&
    (!known.people.has(account.sub) ||
      verified.some((one) => one.email === account.email && !isSamePerson(one, account, known)));
  const yields = (account: Account) =>
    verified.some(
      (one) => one.written && (isSamePerson(one, account, known) || haveOneAddress(one, account)),
    );
  const isSettled = (account: Account) =>
    account.written && !account.emailVerified && !isDoubtful(account) && !yields(account);
  const isSure = ({ standing }: Account) => Number(standing !== "in_doubt");
  const settled: Account[] = [];
  for (const account of candidates
    .filter(isSettled)
    .sort((a, b) => isSure(b) - isSure(a) || primaryFirst(a, b)))
    if (!settled.some((one) => isInTheWay(one, account, known))) settled.push(account);
  return settled;
}

/**
 * Cognito lets people set whatever address they like, unverified: such an account is in the way of its person, and of
 * whoever needs the address that it was made under, of which the destination can have one; of nobody else.
 */
function isInTheWay(unverified: Account, account: Account, known: Known): boolean {
  if (unverified === account || isSamePerson(unverified, account, known)) return true;
  if (account.standing === "elsewhere" || unverified.email !== account.email) return false;
  // A doubt keeps no verified account out.
  return unverified.standing === undefined || (unverified.standing === "in_doubt" && !account.emailVerified);
}

function isSamePerson(a: Account, b: Account, { people }: Known): boolean {
  return people.has(a.sub) && people.get(a.sub) === people.get(b.sub);
}

function haveOneAddress(one: Account, other: Account): boolean {
  return one.standing === undefined && other.standing === undefined && one.email === other.email;
}

/** Where anyone who may sign in is verified, an unverified account is never the one that stands for the address. */
function choosePrimary(eligible: readonly Account[], { anyVerified }: Known): Account | undefined {
  return eligible.filter(({ emailVerified }) => emailVerified || !anyVerified).sort(primaryFirst)[0];
}

/** Why nobody in the cluster may be imported without a person's decision. */
function waitingReason(cluster: readonly Account[], tooMany: boolean): Reason | null {
  if (tooMany || cluster.length > MAX_CLUSTER) return "decision_too_many";
  if (cluster.length < 2) return null;
  if (cluster.some((account) => !account.enabled)) return "decision_disabled_member";
  if (!cluster.some((account) => account.emailVerified)) return "decision_nobody_verified";
  return null;
}

/** Written before, then those with the address there, removed ones last, native before federated, earliest created, by sub. */
function primaryFirst(a: Account, b: Account): number {
  return (
    Number(b.written) - Number(a.written) ||
    Number(b.standing === undefined) - Number(a.standing === undefined) ||
    Number(a.removed ?? false) - Number(b.removed ?? false) ||
    Number(b.native) - Number(a.native) ||
    a.createdAtMs - b.createdAtMs ||
    (a.sub < b.sub ? -1 : 1)
  );
}

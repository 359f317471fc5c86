import type { Migration } from "../domain/migration.ts";
import type { Action, Reason } from "../domain/outcomes.ts";
import { hasNoSub, isPlainAddress } from "./normalize.ts";

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
}

/** Decides all accounts that share one cluster key, one decision each. Pure. */
export function decideCluster(
  accounts: readonly Account[],
  policy: Policy,
  { tooMany = false, witnesses = [] }: Around = {},
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
  return [...decisions, ...decideTogether(candidates, cluster, policy, tooMany)];
}

/** Why this account is skipped whatever the others are; null if nothing of its own stands against it. */
function ownReason(account: Account, policy: Policy): Reason | null {
  const { users, refusesEmail } = policy;
  const decided = decidedOf(account, policy);
  if (decided === "skip") return "decided_skip";
  if (hasNoSub(account.sub)) return "no_sub";
  // Never against "disabled", whatever was decided: importing would let them in.
  if (!account.enabled) return "disabled";
  if (decided === undefined) {
    if (!IMPORTABLE.includes(account.status) && users.quarantined === "skip") return "quarantined_status";
    if (account.status === "UNCONFIRMED" && users.unconfirmed === "skip") return "unconfirmed";
  }
  if (account.email === null) return "no_email";
  if (!isPlainAddress(account.email) || refusesEmail(account.email)) return "email_refused";
  return null;
}

/** A sub such as "constructor" is nobody's decision. */
function decidedOf({ sub }: Account, { users: { decisions } }: Policy): "import" | "skip" | undefined {
  return Object.hasOwn(decisions, sub) ? decisions[sub] : undefined;
}

function decideTogether(
  candidates: readonly Account[],
  cluster: readonly Account[],
  policy: Policy,
  tooMany: boolean,
): Decision[] {
  const waiting = waitingReason(cluster, tooMany);
  const isNamed = (account: Account) => decidedOf(account, policy) === "import";
  // Where a person must decide, only the accounts that this person named go on, beside one that stands there already.
  const eligible = candidates
    .filter((account) => !hasMoved(account))
    .filter((account) => waiting === null || isNamed(account) || account.written);
  const primary = choosePrimary(eligible, cluster);
  return candidates.map((account) => {
    if (account === primary || hasMoved(account)) return create(account.sub);
    if (waiting !== null && !isNamed(account)) return skip(account.sub, waiting);
    // An unverified account may be anybody's: it is never merged, and nothing is merged into one.
    if (primary?.emailVerified && account.emailVerified) return merge(account.sub, primary.sub);
    return skip(account.sub, "unverified_duplicate");
  });
}

/**
 * Cognito lets people set whatever address they like, unverified: whoever was imported and did so keeps the account that
 * stands, which is in nobody's way, and has no word about the new address.
 */
function hasMoved({ standing, emailVerified }: Account): boolean {
  return standing === "elsewhere" && !emailVerified;
}

/**
 * Where anyone who may sign in is verified, an unverified account is never the one that stands for the address, unless
 * it has the address at the destination: there one account can.
 */
function choosePrimary(eligible: readonly Account[], cluster: readonly Account[]): Account | undefined {
  const anyVerified = cluster.some((account) => account.enabled && account.emailVerified);
  const hasAddress = ({ written, standing }: Account) => written && standing === undefined;
  const able = eligible.filter((account) => hasAddress(account) || account.emailVerified || !anyVerified);
  return able.sort(primaryFirst)[0];
}

/** Why nobody in the cluster may be imported without a person's decision. */
function waitingReason(cluster: readonly Account[], tooMany: boolean): Reason | null {
  if (tooMany || cluster.length > MAX_CLUSTER) return "decision_too_many";
  if (cluster.length < 2) return null;
  if (cluster.some((account) => !account.enabled)) return "decision_disabled_member";
  if (!cluster.some((account) => account.emailVerified)) return "decision_nobody_verified";
  return null;
}

/** Written before, then native before federated, then earliest created, then by sub. */
function primaryFirst(a: Account, b: Account): number {
  return (
    Number(b.written) - Number(a.written) ||
    Number(b.native) - Number(a.native) ||
    a.createdAtMs - b.createdAtMs ||
    (a.sub < b.sub ? -1 : 1)
  );
}

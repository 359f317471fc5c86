import type { Account } from "../destinations/sign-in.ts";
import { plannedAccount } from "../ledger/account.ts";
import {
  bridgeCluster,
  bridgePeople,
  bridgeUser,
  bridgeWitnesses,
  isListed,
  isSelected,
  oldestGeneration,
  withLinked,
} from "../ledger/bridge-people.ts";
import { earlierAccounts } from "../ledger/earlier-accounts.ts";
import { LedgerError } from "../ledger/errors.ts";
import { noteAsked, takeBackAsked } from "../ledger/mails.ts";
import type { PlannedUser } from "../ledger/plan.ts";
import { findMigrationInForce, type MigrationRow } from "../ledger/runs.ts";
import type { SourceUserRow } from "../ledger/source-users.ts";
import { type Decision, decideCluster, MAX_CLUSTER } from "../plan/decide.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import { recordFingerprint } from "../plan/record.ts";
import { languageOf, sendableRecord } from "../plan/sendable-record.ts";
import { leaveToEarlier } from "../plan/signed-up-again.ts";
import { bringOver } from "./bring.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NoAnswer, outage, problemOf } from "./outcomes.ts";
import { asWitness, hasAccountOf } from "./place.ts";
import { type Recipient, sendReset } from "./send-reset.ts";

/**
 * `accepted` says nothing about who has the address. What is left to do, `rest`, takes longer for somebody who is known:
 * it comes after the answer.
 */
export type ForgotOutcome = { kind: "accepted"; rest: () => Promise<void> } | NoAnswer;

/** Somebody forgot their password. Asks the same of ledger and destination whoever it is. */
export async function forgotPassword(deps: BridgeDeps, email: string): Promise<ForgotOutcome> {
  // Only addresses of plain ASCII are compared with others.
  if (!isPlainAddress(email)) return { kind: "accepted", rest: async () => undefined };
  try {
    const migration = await deps.ledger.read((db) => findMigrationInForce(db, deps.migration));
    if (migration === undefined) return outage("no_migration");
    const { delivery } = migration.file.passwordResets;
    if (delivery === "own" && deps.mail === null) return outage("mail_not_set_up");
    const found = await deps.accounts.accountByEmail(email);
    if (!found.ok) return problemOf(found);
    return { kind: "accepted", rest: () => mailTo(deps, migration, email, found.value) };
  } catch (error) {
    if (error instanceof LedgerError) return outage(error.problem);
    throw error;
  }
}

/**
 * Whoever was not moved yet is imported first, so that there is an account to reset: only a person with a password at
 * Cognito and a verified address, because a completed reset verifies it.
 */
async function mailTo(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account | null,
): Promise<void> {
  const recipient =
    account === null ? await broughtOver(deps, migration, email) : await ownerOf(deps, migration, account);
  if (recipient !== null) await mailOnce(deps, migration, recipient);
}

/** The campaign leaves out whoever was mailed here: noted before the mail, and taken back if there was none. */
async function mailOnce(deps: BridgeDeps, migration: MigrationRow, recipient: Recipient): Promise<void> {
  const { ledger } = deps;
  const { sub } = recipient;
  if (sub !== "") await ledger.changeSoon((db) => noteAsked(db, migration.id, sub));
  const isOut = await sendReset(deps, migration.file, recipient);
  if (sub !== "" && !isOut) await ledger.changeSoon((db) => takeBackAsked(db, migration.id, sub));
}

/**
 * Null for somebody of Cognito who is disabled there, since their import for example, or signs in at a provider only,
 * unless the plan merges a verified account with a password into them; for one whose address nobody ever verified, unless
 * the file mails them and they confirmed themselves; and for one who left Cognito or has another address there now, unless
 * they signed in at the destination since. As the campaign does.
 */
async function ownerOf(
  deps: BridgeDeps,
  migration: MigrationRow,
  { email, emailVerified, externalId, hasSignedIn }: Account,
): Promise<Recipient | null> {
  const user =
    externalId === null ? undefined : await deps.ledger.read((db) => bridgeUser(db, migration, externalId));
  if (user === undefined) return ownerByAddress(deps, migration, email);
  // The link would be for whoever reads the mail there today.
  const isTheirsToday = async () =>
    user.email === email && (await deps.ledger.read((db) => isListed(db, migration, user)));
  if (user.enabled === 1 && user.native === 0) {
    // Somebody with a password may be one person with them: they are sent here when they sign in.
    const isProven = emailVerified && user.email_verified === 1 && (await isTheirsToday());
    return isProven ? mergedInto(deps, migration, user, email) : null;
  }
  if (!hasPassword(user)) return null;
  if (!hasSignedIn && !(await isTheirsToday())) return null;
  const isTheirs = user.status === "CONFIRMED" && migration.file.passwordResets.unverified === "send";
  const mayBeAStranger = !emailVerified && !isTheirs;
  return mayBeAStranger ? null : recipientOf(user, email);
}

/** Whom the plan's rules merge into somebody of a provider, and who has a password: nobody whom they leave out. */
async function mergedInto(
  deps: BridgeDeps,
  migration: MigrationRow,
  { sub, cluster_key }: PlannedUser,
  email: string,
): Promise<Recipient | null> {
  const cluster = await clusterOf(deps, migration, cluster_key);
  const decisions = await decisionsOf(deps, migration, cluster);
  const parts = new Set(decisions.filter(({ mergeInto }) => mergeInto === sub).map((part) => part.sub));
  const owner = cluster.find((one) => parts.has(one.sub) && one.email === email && hasPassword(one));
  return owner === undefined ? null : recipientOf(owner, email);
}

/** Of an account that stood there before, or that somebody made there: its owner may be of Cognito all the same. */
async function ownerByAddress(
  { ledger }: BridgeDeps,
  migration: MigrationRow,
  email: string,
): Promise<Recipient | null> {
  const people = await ledger.read((db) => bridgePeople(db, migration, email));
  const proven = people.filter((user) => user.email_verified === 1);
  // Whose address it is, nobody gets past by a sign-up of their own that nobody verified.
  const judged = proven.length > 0 ? proven : people;
  const able = judged.filter(hasPassword);
  if (judged.some((user) => user.enabled === 0) || (judged.length > 0 && able.length === 0)) return null;
  const owner = able.find((user) => user.email_verified === 1);
  return owner === undefined ? { email, sub: "", language: null } : recipientOf(owner, email);
}

function hasPassword({ enabled, native }: SourceUserRow): boolean {
  return enabled === 1 && native === 1;
}

/** Null where nobody is imported. */
async function broughtOver(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
): Promise<Recipient | null> {
  const { destination } = deps;
  const cluster = await clusterOf(deps, migration, email);
  // Whoever was removed at the destination stays removed.
  if (cluster.some((user) => hasAccountOf(user, email))) return null;
  const user = await firstOf(deps, migration, email, cluster);
  if (user === undefined) return null;
  const { record } = sendableRecord(destination, migration.file, user.sub, user.attributes);
  const brought = await bringOver(deps, migration, { record, fingerprint: recordFingerprint(record) });
  if (!brought.ok) deps.onTrouble(brought.outcome.kind);
  return brought.ok ? recipientOf(user, email) : null;
}

function clusterOf(
  { ledger }: BridgeDeps,
  migration: MigrationRow,
  clusterKey: string,
): Promise<PlannedUser[]> {
  return ledger.read(async (db) => withLinked(db, migration, await bridgeCluster(db, migration, clusterKey)));
}

/** The one whom the plan's rules make the account of the address, if a reset may be sent there. */
async function firstOf(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  cluster: readonly PlannedUser[],
): Promise<PlannedUser | undefined> {
  const decisions = await decisionsOf(deps, migration, cluster);
  const chosen = new Set(decisions.flatMap(({ action, sub }) => (action === "create" ? [sub] : [])));
  const user = cluster.find(
    (one) => chosen.has(one.sub) && one.email === email && one.native === 1 && one.email_verified === 1,
  );
  if (user === undefined || user.placed?.state === "removed") return undefined;
  if (migration.file.only === undefined) return user;
  return (await deps.ledger.read((db) => isSelected(db, migration, user.sub))) ? user : undefined;
}

/** What the plan's rules say of each of them. */
async function decisionsOf(
  { ledger, destination }: BridgeDeps,
  migration: MigrationRow,
  cluster: readonly PlannedUser[],
): Promise<Decision[]> {
  const { file } = migration;
  const policy = { users: file.users, refusesEmail: (address: string) => destination.refusesEmail(address) };
  const accounts = cluster.map(plannedAccount);
  const keys = cluster.map((user) => user.cluster_key);
  const earlier = await ledger.read((db) =>
    earlierAccounts(db, migration.id, oldestGeneration(db, migration), keys),
  );
  const witnesses = await ledger.read((db) => bridgeWitnesses(db, migration, cluster));
  return leaveToEarlier(
    decideCluster(accounts, policy, {
      tooMany: cluster.length > MAX_CLUSTER,
      witnesses: witnesses.map(asWitness),
    }),
    accounts,
    [...earlier.values()].flat(),
    file.users.decisions,
  );
}

function recipientOf({ sub, attributes }: SourceUserRow, email: string): Recipient {
  return { email, sub, language: languageOf(attributes) };
}

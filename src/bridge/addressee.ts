import type { Account } from "../destinations/sign-in.ts";
import { plannedAccount } from "../ledger/account.ts";
import {
  bridgeCluster,
  bridgePeople,
  bridgeUser,
  isListed,
  isOfAnotherPool,
  isSelected,
  withLinked,
} from "../ledger/bridge-people.ts";
import { placedAmong } from "../ledger/placed.ts";
import { type PlannedUser, withPlaced } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { SourceUserRow } from "../ledger/source-users.ts";
import { type Decision, decidedOf, MAX_CLUSTER } from "../plan/decide.ts";
import { whyNoAccount } from "../plan/doors.ts";
import { decisionsAround, type Judged } from "./decisions.ts";
import type { BridgeDeps } from "./deps.ts";
import { hasAccountOf } from "./place.ts";
import type { RestsOn } from "./source-look.ts";
import { type Today, unlistedUser, withNewcomers } from "./today.ts";

/** For whom a mail to this address would be. */
export interface Addressee {
  email: string;
  /** At the destination; null where one has to be made. */
  account: Account | null;
  /** Null where the account is of nobody in the source. */
  user: SourceUserRow | null;
  /** Whose key the account has, where `user` is merged into them; else null. */
  owner: SourceUserRow | null;
  /** Undefined for somebody whom the newest snapshot lists no more. */
  decision: Decision | undefined;
  /** On whose state it rests. */
  restsOn: RestsOn;
}

/** Null where the address is nobody's who may have an account. Whoever was asked about counts as they are today. */
export function whoseAddress(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account | null,
  today: Today,
): Promise<Addressee | null> {
  return account === null
    ? newcomer(deps, migration, email, today)
    : ownerOf(deps, migration, email, account, today);
}

interface Decided extends Judged {
  cluster: readonly PlannedUser[];
}

/** Everybody of a cluster, with `unlisted`, and what the rules of the plan say of each of them. */
function decided(
  { ledger, destination }: BridgeDeps,
  migration: MigrationRow,
  key: string,
  today: Today,
  unlisted: PlannedUser | null = null,
): Promise<Decided> {
  return ledger.read(async (db) => {
    const listed = await withLinked(db, migration, await bridgeCluster(db, migration, key));
    const known = unlisted === null ? listed : [...listed, unlisted];
    const cluster = await withNewcomers(db, migration, { users: known, addresses: [key] }, today);
    const accounts = cluster.map(plannedAccount);
    const together = { cluster, accounts, addresses: [] };
    return { cluster, ...(await decisionsAround(db, destination, migration, together, today)) };
  });
}

/** The one whom the plan's rules make the account of the address: with a password, and verified. */
async function newcomer(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  today: Today,
): Promise<Addressee | null> {
  const { cluster, decisions, restsOn: subs } = await decided(deps, migration, email, today);
  // Whoever was removed at the destination stays removed.
  if (cluster.some((user) => hasAccountOf(user, email))) return null;
  for (const user of cluster) {
    const decision = decisions.find(({ sub }) => sub === user.sub);
    // A completed reset verifies the address, so it has to be theirs already.
    if (decision === undefined || user.email !== email || user.email_verified === 0) continue;
    const isRemoved = user.placed?.state === "removed";
    const selected =
      migration.file.only === undefined ||
      (await deps.ledger.read((db) => isSelected(db, migration, user.sub)));
    if (whyNoAccount({ decision, isSelected: selected, isRemoved }) === null)
      return { email, account: null, user, owner: null, decision, restsOn: { addresses: [email], subs } };
  }
  return null;
}

async function ownerOf(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account,
  today: Today,
): Promise<Addressee | null> {
  const { externalId } = account;
  if (externalId === null) return ownerByAddress(deps, migration, email, account, today);
  const { ledger } = deps;
  const listed = await ledger.read((db) => bridgeUser(db, migration, externalId));
  if (listed !== undefined) return ownerByKey(deps, migration, email, account, listed, today);
  const unlisted = await ledger.read((db) => unlistedUser(db, migration, externalId, today));
  if (unlisted !== null) return ownerByKey(deps, migration, email, account, unlisted, today, unlisted);
  // Whoever came out of another pool is that pool's: its bridge knows who they are.
  if (await ledger.read((db) => isOfAnotherPool(db, migration, externalId))) return null;
  const placed = await ledger.read((db) => placedAmong(db, migration.id, "user", [externalId]));
  if (placed.size === 0) return ownerByAddress(deps, migration, email, account, today);
  // Who of this one is gone, is gone, but for the destination's own.
  const isLeftOut = decidedOf({ sub: externalId }, migration.file) === "skip";
  if (isLeftOut || !isDestinations(account)) return null;
  return nobodys(email, account, { addresses: [], subs: [externalId] });
}

/** Its owner signs in there, with an address that is verified there: whatever the source says of it by now. */
function isDestinations({ hasSignedIn, emailVerified }: Account): boolean {
  return hasSignedIn && emailVerified;
}

/** Nobody of the source has the account. */
function nobodys(email: string, account: Account, restsOn: RestsOn): Addressee {
  return { email, account, user: null, owner: null, decision: undefined, restsOn };
}

/** The account is of our making, or adopted. Of somebody with a provider alone, the one with a password who is merged into them. */
async function ownerByKey(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account,
  user: PlannedUser,
  today: Today,
  unlisted: PlannedUser | null = null,
): Promise<Addressee | null> {
  const { ledger } = deps;
  const isKnown = await ledger.read((db) => isListed(db, migration, user));
  const key = user.cluster_key;
  const { cluster, decisions, restsOn: others } = await decided(deps, migration, key, today, unlisted);
  const decisionOf = (sub: string) => (isKnown ? decisions.find((one) => one.sub === sub) : undefined);
  const isOwn = user.native === 1 || user.enabled === 0;
  const isSettled = user.placed?.state === "standing" || isDestinations(account);
  // What stands there is theirs, whoever shares their address: many who claim it keep no mail from them.
  const restsOn =
    isOwn && isSettled
      ? { addresses: [], subs: [user.sub] }
      : { addresses: [email], subs: [user.sub, ...others] };
  if (isOwn) return { email, account, user, owner: null, decision: decisionOf(user.sub), restsOn };
  // Somebody with a password may be one person with them: they are sent here when they sign in.
  const isTheirs = isKnown && user.email === email;
  if (!isTheirs || !account.emailVerified || user.email_verified === 0) return null;
  const part = cluster.find(
    (one) => decisionOf(one.sub)?.mergeInto === user.sub && one.email === email && hasPassword(one),
  );
  if (part === undefined) return null;
  return { email, account, user: part, owner: user, decision: decisionOf(part.sub), restsOn };
}

/** Of an account that stood there before, or that somebody made there: its owner may be of Cognito all the same. */
async function ownerByAddress(
  deps: BridgeDeps,
  migration: MigrationRow,
  email: string,
  account: Account,
  today: Today,
): Promise<Addressee | null> {
  const { listed, people } = await deps.ledger.read(async (db) => {
    const rows = await withPlaced(db, migration.id, await bridgePeople(db, migration, email));
    const now = await withNewcomers(db, migration, { users: rows, addresses: [email] }, today);
    return { listed: rows, people: now.filter((user) => user.email === email) };
  });
  // Neither a snapshot nor a look shows all of so many: somebody disabled may be among the others.
  if (people.length > MAX_CLUSTER) return null;
  const proven = people.filter((user) => user.email_verified === 1);
  const restsOn = { addresses: [email], subs: listed.map(({ sub }) => sub) };
  // Anybody can sign up with it, unverified, and be disabled then.
  if (proven.length === 0 && isDestinations(account)) return nobodys(email, account, restsOn);
  // Whose address it is, nobody gets past by a sign-up of their own that nobody verified.
  const judged = proven.length > 0 ? proven : people;
  if (judged.some((user) => user.enabled === 0)) return null;
  const able = judged.filter(hasPassword);
  if (judged.length > 0 && able.length === 0) return null;
  const user = able.find((one) => one.email_verified === 1);
  if (user === undefined) return nobodys(email, account, restsOn);
  const { decisions, restsOn: others } = await decided(deps, migration, user.cluster_key, today);
  const decision = decisions.find(({ sub }) => sub === user.sub);
  const subs = [...restsOn.subs, ...others];
  return { email, account, user, owner: null, decision, restsOn: { ...restsOn, subs } };
}

function hasPassword({ enabled, native }: SourceUserRow): boolean {
  return enabled === 1 && native === 1;
}

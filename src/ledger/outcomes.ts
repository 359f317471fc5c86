import type { PlacedHow } from "../domain/books.ts";
import type { Outcome } from "../domain/outcomes.ts";
import { earlierOf } from "../plan/signed-up-again.ts";
import { isOneOf } from "./dialect.ts";
import { earlierAccounts } from "./earlier-accounts.ts";
import type { Db } from "./ledger.ts";
import { type Placed, placedAmong } from "./placed.ts";
import { decisionsAmong, type PlannedFate } from "./plan.ts";
import { CHANGED_THERE } from "./queue.ts";
import { type ItemStanding, itemsAmong } from "./queue-questions.ts";

/** How one source user ended. */
export interface UserOutcome {
  sub: string;
  outcome: Outcome;
  /** A skip's reason, a failure's code, or a note on an import; null without one. */
  reason: string | null;
  /** Of the account that stands for this person: their own, or the one they were merged into. */
  destinationId: string | null;
  /** How that account came there; absent without one. */
  how?: PlacedHow;
  mergedInto: string | null;
  /** Whose account has the address of somebody who signed up again, or had it, as far as that is known. */
  earlierSub?: string;
}

/**
 * One outcome for every user whom the newest snapshot listed, in order of sub. A merged user ends as the account
 * that they were merged into: imported there, or not.
 */
export async function outcomesAfter(
  db: Db,
  migration: Generation,
  afterSub: string,
  limit: number,
): Promise<UserOutcome[]> {
  const users = await listedUsers(db, migration)
    .where("sub", ">", afterSub)
    .orderBy("sub")
    .limit(limit)
    .execute();
  return outcomesOfUsers(db, migration, users);
}

/** The outcome of these users, as far as the newest snapshot lists them. */
export async function outcomesOf(
  db: Db,
  migration: Generation,
  subs: readonly string[],
): Promise<UserOutcome[]> {
  if (subs.length === 0) return [];
  const users = await listedUsers(db, migration)
    .where(isOneOf(db, "sub", subs))
    .execute();
  return outcomesOfUsers(db, migration, users);
}

interface Generation {
  id: number;
  generation: number;
}

interface ListedUser {
  sub: string;
  email: string | null;
  enabled: number;
}

function listedUsers(db: Db, { id, generation }: Generation) {
  return db
    .selectFrom("source_users")
    .select(["sub", "email", "enabled"])
    .where("migration_id", "=", id)
    .where("generation", "=", generation);
}

async function outcomesOfUsers(
  db: Db,
  { id, generation }: Generation,
  users: readonly ListedUser[],
): Promise<UserOutcome[]> {
  const run = { migrationId: id, generation };
  const subs = users.map(({ sub }) => sub);
  const decisions = await decisionsAmong(db, run, subs);
  const standsFor = (sub: string) => decisions.get(sub)?.mergeInto ?? sub;
  const accounts = [...new Set(subs.map(standsFor))];
  const placed = await placedAmong(db, id, "user", accounts);
  const items = await itemsAmong(db, run, "users", "user", accounts);
  const ended = users.map((user) => {
    const account = standsFor(user.sub);
    const decision = decisions.get(user.sub);
    return { user, outcome: outcomeOf(user, decision, placed.get(account), items.get(account)) };
  });
  return namingEarlier(db, { id, generation }, ended);
}

/** The destination knows no more than that an address is taken; whose account it is may be known here. */
async function namingEarlier(
  db: Db,
  { id, generation }: Generation,
  ended: readonly { user: ListedUser; outcome: UserOutcome }[],
): Promise<UserOutcome[]> {
  const addresses = ended.flatMap(({ user, outcome }) => (mayBeEarlier(outcome) ? (user.email ?? []) : []));
  const earlier = await earlierAccounts(db, id, generation, addresses);
  return ended.map(({ user, outcome }) => {
    const one = mayBeEarlier(outcome)
      ? earlierOf(user.email, earlier.get(user.email ?? "") ?? [])
      : undefined;
    if (one === undefined) return outcome;
    if (outcome.reason !== TAKEN) return { ...outcome, earlierSub: one.sub };
    return one.removed ? outcome : { ...outcome, reason: SIGNED_UP_AGAIN, earlierSub: one.sub };
  });
}

function mayBeEarlier({ outcome, reason }: UserOutcome): boolean {
  return outcome === "skipped" && reason !== null && [SIGNED_UP_AGAIN, REMOVED, TAKEN].includes(reason);
}

function outcomeOf(
  user: ListedUser,
  decision: PlannedFate | undefined,
  placed: Placed | undefined,
  item: ItemStanding | undefined,
): UserOutcome {
  const { outcome, reason } = endOf(user, decision, placed, item);
  const hasAccount = outcome === "imported" || outcome === "merged";
  return {
    sub: user.sub,
    outcome,
    reason,
    destinationId: hasAccount ? (placed?.destinationId ?? null) : null,
    ...(hasAccount && placed?.how != null && { how: placed.how }),
    mergedInto: decision?.mergeInto ?? null,
  };
}

function endOf(
  user: ListedUser,
  decision: PlannedFate | undefined,
  placed: Placed | undefined,
  item: ItemStanding | undefined,
): { outcome: Outcome; reason: string | null } {
  if (placed?.state === "standing") {
    if (decision?.action === "merge") return { outcome: "merged", reason: decision.reason };
    // An account that was made stays made, whatever the plan would decide today.
    if (item?.code === CHANGED_THERE) return { outcome: "imported", reason: CHANGED_THERE };
    return { outcome: "imported", reason: hasChanged(user, decision, placed) ? CHANGED : null };
  }
  if (decision?.action === "skip") return { outcome: "skipped", reason: decision.reason };
  if (placed?.state === "removed") return { outcome: "skipped", reason: REMOVED };
  if (item?.state === "failed") return { outcome: "failed", reason: item.code };
  if (item?.state === "skipped") return { outcome: "skipped", reason: item.code };
  return { outcome: "open", reason: null };
}

/** Whoever is left out by the file alone is as they were imported. */
function hasChanged({ enabled }: ListedUser, decision: PlannedFate | undefined, placed: Placed): boolean {
  // Nobody is imported while disabled.
  if (enabled === 0 || SET_IN_SOURCE.includes(decision?.reason ?? "")) return true;
  const planned = decision?.fingerprint ?? null;
  return planned !== null && placed.fingerprint !== null && planned !== placed.fingerprint;
}

/** Skips of what the source has set, though no field of a record may show it. */
const SET_IN_SOURCE: readonly string[] = ["quarantined_status", "no_email", "email_refused"];
const CHANGED = "changed_after_import";
const REMOVED = "removed_at_destination";
const SIGNED_UP_AGAIN = "signed_up_again";
const TAKEN = "external_id_taken";

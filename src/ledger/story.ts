import type { MailState, PlacedKind } from "../domain/books.ts";
import type { WorkItemState } from "../domain/outcomes.ts";
import { ITEM_PHASES, type ItemPhase } from "../domain/phases.ts";
import type { PlannedMembership } from "../domain/records.ts";
import { MAX_CLUSTER } from "../plan/decide.ts";
import { hasNoSub, isKeyOfOne } from "../plan/normalize.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { outcomesOf, type UserOutcome } from "./outcomes.ts";
import { type Placed, placedAmong } from "./placed.ts";
import { clusterAfter, clusterSizes, decisionsAmong, groupsOf, type PlannedFate } from "./plan.ts";
import { membershipsOfPerson } from "./planned-objects.ts";
import { type MigrationRow, type RunOfMigration, runOf } from "./runs.ts";
import { providersAmong, type SourceUserRow, sourceUsersBySub } from "./source-users.ts";

/** Everything that the ledger knows of one person, each part found by their key. */

export interface Story {
  sub: string;
  /** Null for somebody whom the newest snapshot does not list, or not yet. */
  outcome: UserOutcome | null;
  /** Of the snapshot that listed them last; null where none did. */
  source: SourceStory | null;
  /** By the newest plan; null where it does not hold them. */
  decision: PlannedFate | null;
  cluster: ClusterStory;
  /** The account that stands for them, or stood, or may: their own, or the one they were merged into. */
  account: Placed | null;
  takenBack: { destinationId: string | null; atMs: number } | null;
  /** Of the account that stands for them. */
  memberships: MembershipStory[];
  mails: MailStory[];
  bridge: BridgeStory;
  /** Of the newest run's queue. */
  items: ItemStory[];
}

export interface SourceStory {
  /** Of somebody without a `sub`: nothing else tells an operator who it is. Null for all others. */
  username: string | null;
  status: string;
  enabled: boolean;
  emailVerified: boolean;
  hasPassword: boolean;
  /** Null once it was purged. */
  createdAtMs: number | null;
  changedAtMs: number | null;
  groups: string[];
  /** Names of the identity providers by which they sign in. */
  providers: string[];
  /** The run that listed them last. */
  generation: number;
}

/** With whom they are decided. */
export interface ClusterStory {
  /** All of them, counted up to over 1,000. */
  size: number;
  /** The first few of the others. */
  others: { user: SourceUserRow; outcome: UserOutcome }[];
}

export interface MembershipStory {
  organization: string;
  roles: readonly string[];
  isPlanned: boolean;
  state: WorkItemState | null;
  code: string | null;
  placed: Placed["state"] | null;
  destinationId: string | null;
}

export interface MailStory {
  sender: "campaign" | "bridge";
  state: MailState;
  mails: number;
  atMs: number;
  mailId: string | null;
  code: string | null;
}

export interface BridgeStory {
  /** It made the account. */
  hasMadeAccount: boolean;
  /** Their right password was last given there. */
  provenAtMs: number | null;
  /** The password came along. */
  movedAtMs: number | null;
  /** Tries of which nobody knows whether they set the password. */
  openMoves: number;
  /** A reset was completed at the destination. */
  resetCompletedAtMs: number | null;
}

export interface ItemStory {
  phase: ItemPhase;
  kind: PlacedKind;
  key: string;
  state: WorkItemState;
  attempts: number;
  code: string | null;
  /** The vendor's words: for the operator's eyes. */
  message: string | null;
}

/** Null for somebody of whom nothing is known. */
export async function storyOf(db: Db, migration: MigrationRow, sub: string): Promise<Story | null> {
  const run = runOf(migration);
  const { migrationId } = run;
  const user = (await sourceUsersBySub(db, migrationId, [sub])).get(sub);
  const decision = (await decisionsAmong(db, run, [sub])).get(sub) ?? null;
  const [outcome = null] = await outcomesOf(db, migration, [sub]);
  const standsFor = decision?.mergeInto ?? sub;
  const account = (await placedAmong(db, migrationId, "user", [standsFor])).get(standsFor) ?? null;
  const takenBack = await takenBackOf(db, migrationId, sub);
  const bridge = await bridgeOf(db, migrationId, sub, account?.destinationId ?? null);
  if (user === undefined && account === null && takenBack === null && !bridge.hasMadeAccount) return null;
  const memberships = await membershipsOf(db, run, standsFor);
  return {
    ...{ sub, outcome, decision, account, takenBack, bridge },
    source: user === undefined ? null : await sourceOf(db, run, user),
    cluster: await clusterOf(db, migration, user),
    memberships: memberships.map(({ membership }) => membership),
    mails: await mailsOf(db, migrationId, sub),
    items: await itemsOf(db, run, [sub, ...memberships.map(({ key }) => key)]),
  };
}

async function sourceOf(db: Db, run: RunOfMigration, user: SourceUserRow): Promise<SourceStory> {
  const { sub, generation } = user;
  const groups = await groupsOf(db, { ...run, generation }, [sub]);
  const providers = await providersAmong(db, run.migrationId, [sub]);
  return {
    username: hasNoSub(sub) ? user.username : null,
    status: user.status,
    enabled: user.enabled === 1,
    emailVerified: user.email_verified === 1,
    hasPassword: user.native === 1,
    // A purge leaves 0.
    createdAtMs: user.created_at_ms === 0 ? null : user.created_at_ms,
    changedAtMs: user.modified_at_ms === 0 ? null : user.modified_at_ms,
    groups: (groups.get(sub) ?? []).sort(),
    providers: providers.get(sub) ?? [],
    generation,
  };
}

/** So many others are told of. */
const MAX_OTHERS = 20;

async function clusterOf(
  db: Db,
  migration: MigrationRow,
  user: SourceUserRow | undefined,
): Promise<ClusterStory> {
  const run = runOf(migration);
  if (user === undefined || user.generation !== run.generation || isKeyOfOne(user.cluster_key))
    return { size: 1, others: [] };
  const { sub, cluster_key: key } = user;
  const first = await clusterAfter(db, run, key, "", MAX_OTHERS + 1);
  const others = first.filter((one) => one.sub !== sub).slice(0, MAX_OTHERS);
  const outcomes = await outcomesOf(
    db,
    migration,
    others.map((one) => one.sub),
  );
  const bySub = new Map(outcomes.map((one) => [one.sub, one]));
  const sizes = await clusterSizes(db, run, [key], MAX_CLUSTER + 1);
  return {
    size: sizes.get(key) ?? 1,
    others: others.flatMap((other) => {
      const outcome = bySub.get(other.sub);
      return outcome === undefined ? [] : [{ user: other, outcome }];
    }),
  };
}

async function takenBackOf(db: Db, migrationId: number, sub: string): Promise<Story["takenBack"]> {
  const row = await db
    .selectFrom("taken_back")
    .select(["destination_id as destinationId", "at_ms as atMs"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "user")
    .where("key", "=", sub)
    .executeTakeFirst();
  return row ?? null;
}

async function membershipsOf(
  db: Db,
  run: RunOfMigration,
  sub: string,
): Promise<{ key: string; membership: MembershipStory }[]> {
  const objects = await membershipsOfPerson(db, run, sub);
  return objects.map(({ key, data, isPlanned, state, code, placed, destinationId }) => {
    // Written by the plan only.
    const { organization, roles } = JSON.parse(data) as PlannedMembership;
    return { key, membership: { organization, roles, isPlanned, state, code, placed, destinationId } };
  });
}

function mailsOf(db: Db, migrationId: number, sub: string): Promise<MailStory[]> {
  return db
    .selectFrom("mails")
    .select((eb) => [
      ...(["sender", "state", "mails", "code", "mail_id as mailId"] as const),
      eb.fn.coalesce("settled_at_ms", "claimed_at_ms").as("atMs"),
    ])
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .orderBy("sender")
    .execute();
}

async function bridgeOf(
  db: Db,
  migrationId: number,
  sub: string,
  destinationId: string | null,
): Promise<BridgeStory> {
  const account = await db
    .selectFrom("bridge_accounts")
    .select("sub")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .executeTakeFirst();
  const move = await db
    .selectFrom("bridge_moves")
    .select(["moved_at_ms", "open_moves"])
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .executeTakeFirst();
  const proof = await db
    .selectFrom("bridge_proofs")
    .select("proven_at_ms")
    .where("migration_id", "=", migrationId)
    .where("sub", "=", sub)
    .executeTakeFirst();
  const reset = await db
    .selectFrom("completed_resets")
    .select("completed_at_ms")
    .where("migration_id", "=", migrationId)
    .where("destination_id", "=", destinationId ?? "")
    .executeTakeFirst();
  return {
    hasMadeAccount: account !== undefined,
    provenAtMs: proof?.proven_at_ms ?? null,
    movedAtMs: move?.moved_at_ms ?? null,
    openMoves: move?.open_moves ?? 0,
    resetCompletedAtMs: reset?.completed_at_ms ?? null,
  };
}

async function itemsOf(
  db: Db,
  { migrationId, generation }: RunOfMigration,
  keys: readonly string[],
): Promise<ItemStory[]> {
  const items: ItemStory[] = [];
  for (const phase of ITEM_PHASES)
    items.push(
      ...(
        await db
          .selectFrom("work_items")
          .select(["kind", "key", "state", "attempts", "code", "message"])
          .where("migration_id", "=", migrationId)
          .where("generation", "=", generation)
          .where("phase", "=", phase)
          .where(isOneOf(db, "key", keys))
          .execute()
      ).map((item) => ({ phase, ...item })),
    );
  return items;
}

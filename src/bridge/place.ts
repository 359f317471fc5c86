import type { ProvenPerson } from "../cognito/id-token.ts";
import type { Destination } from "../destinations/destination.ts";
import type { UserRecord } from "../domain/records.ts";
import { accountOf, plannedAccount, standingOf } from "../ledger/account.ts";
import {
  bridgeCluster,
  bridgeUser,
  bridgeWitnesses,
  isSelected,
  oldestGeneration,
  withLinked,
} from "../ledger/bridge-people.ts";
import { earlierAccounts } from "../ledger/earlier-accounts.ts";
import type { Db, Ledger } from "../ledger/ledger.ts";
import { type Placed, placedAmong } from "../ledger/placed.ts";
import type { PlannedUser } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { SourceUserRow } from "../ledger/source-users.ts";
import { type Account, decideCluster, MAX_CLUSTER } from "../plan/decide.ts";
import { recordFingerprint } from "../plan/record.ts";
import { sendableRecord } from "../plan/sendable-record.ts";
import { type EarlierAccount, leaveToEarlier } from "../plan/signed-up-again.ts";
import { standsFor } from "../plan/stands-for.ts";

/** What the plan's rules say about one person at this moment. */
export type Placement =
  | {
      kind: "create";
      record: UserRecord;
      fingerprint: string;
      /** The account that the import or the bridge gave them before; null without one. */
      destinationId: string | null;
    }
  | { kind: "left_out"; reason: string };

/** What the ledger holds of somebody who has just proven who they are, and of those they are decided with. */
interface Known {
  own: PlannedUser | undefined;
  cluster: readonly PlannedUser[];
  /** Those of other clusters who have an address of this one. */
  witnesses: readonly SourceUserRow[];
  earlier: readonly EarlierAccount[];
  /** What stands of them at the destination: somebody whom no snapshot listed may have been given an account. */
  placed: Placed | undefined;
  isSelected: boolean;
}

/** Decides a person by the same rules as the plan, with what Cognito says of them now. */
export async function place(
  ledger: Ledger,
  destination: Destination,
  migration: MigrationRow,
  person: ProvenPerson & { email: string },
): Promise<Placement> {
  const { file } = migration;
  const known = await ledger.read((db) => recall(db, migration, person));
  if (!known.isSelected) return { kind: "left_out", reason: "not_selected" };
  const policy = { users: file.users, refusesEmail: (email: string) => destination.refusesEmail(email) };
  const accounts = accountsOf(known, person);
  const decisions = leaveToEarlier(
    decideCluster(accounts, policy, {
      tooMany: accounts.length > MAX_CLUSTER,
      witnesses: known.witnesses.map(asWitness),
    }),
    accounts,
    known.earlier,
    file.users.decisions,
  );
  const own = decisions.find((decision) => decision.sub === person.sub);
  if (own === undefined) throw new Error("The plan's rules decided nothing about a person.");
  if (own.action !== "create") return { kind: "left_out", reason: own.reason };
  if (known.placed?.state === "removed") return { kind: "left_out", reason: "removed_at_destination" };
  const { record } = sendableRecord(destination, file, person.sub, attributesOf(known.own, person));
  return {
    kind: "create",
    record,
    fingerprint: recordFingerprint(record),
    destinationId: known.placed?.destinationId ?? null,
  };
}

async function recall(
  db: Db,
  migration: MigrationRow,
  person: ProvenPerson & { email: string },
): Promise<Known> {
  const own = await bridgeUser(db, migration, person.sub);
  // Their own address now, and whoever the snapshot put them together with.
  const keys = new Set([person.email, own?.cluster_key ?? person.email]);
  const together = [];
  for (const key of keys) together.push(...(await bridgeCluster(db, migration, key)));
  const cluster = await withLinked(db, migration, together, person.sub);
  for (const { cluster_key } of cluster) keys.add(cluster_key);
  const earlier = await earlierAccounts(db, migration.id, oldestGeneration(db, migration), keys);
  return {
    own,
    cluster,
    witnesses: await bridgeWitnesses(db, migration, cluster, keys),
    earlier: [...earlier.values()].flat(),
    placed: (await placedAmong(db, migration.id, "user", [person.sub])).get(person.sub),
    isSelected: migration.file.only === undefined || (await isSelected(db, migration, person.sub)),
  };
}

function accountsOf({ own, cluster, placed }: Known, person: ProvenPerson): Account[] {
  const others = cluster.filter((user) => user.sub !== person.sub).map(plannedAccount);
  // Cognito signs in nobody who is disabled, unconfirmed or without a password of their own.
  const proven: Account = {
    sub: person.sub,
    status: "CONFIRMED",
    enabled: true,
    native: true,
    email: person.email,
    emailVerified: person.emailVerified,
    createdAtMs: own?.created_at_ms ?? Date.now(),
    ...standingOf(placed, person.email),
  };
  return [...others, proven];
}

/** Whether they have the account of this address, also where it is gone from the destination since. */
export function hasAccountOf({ placed, email_verified }: PlannedUser, email: string): boolean {
  if (placed === undefined || placed.destinationId === null) return false;
  return standsFor({ emailVerified: email_verified === 1, fingerprint: placed.fingerprint }, email);
}

/** What stands of them matters where they are decided. */
export function asWitness(user: SourceUserRow): Account {
  return accountOf(user, false);
}

/** As the snapshot has them, so that the record is the plan's own; the address is the one that was proven. */
function attributesOf(own: PlannedUser | undefined, person: ProvenPerson & { email: string }): string {
  if (own === undefined) return JSON.stringify(person.attributes);
  // Written by upsertSourceUsers only.
  const listed = JSON.parse(own.attributes) as Record<string, string>;
  const verified = person.emailVerified ? "true" : "false";
  return JSON.stringify({ ...listed, email: person.email, email_verified: verified });
}

import { accountOf } from "../activities/account.ts";
import { sendableRecord } from "../activities/record.ts";
import type { ProvenPerson } from "../cognito/id-token.ts";
import type { Destination, UserRecord } from "../destinations/destination.ts";
import { type BridgeUser, bridgeCluster, bridgeUser, movedAccount, plannedReason } from "../ledger/bridge.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { type Account, decideCluster, MAX_CLUSTER } from "../plan/decide.ts";
import { recordHash } from "../plan/record.ts";

/** What the plan's rules say about one person at this moment. */
export type Placed =
  | {
      kind: "create";
      record: UserRecord;
      recordHash: string;
      /** The account that the import or the bridge gave them before; null without one. */
      destinationId: string | null;
    }
  | { kind: "left_out"; reason: string };

/** What the ledger holds of somebody who has just proven who they are, and of those they are decided with. */
interface Known {
  own: BridgeUser | undefined;
  cluster: readonly BridgeUser[];
  destinationId: string | null;
  /** As `plannedReason`. */
  planned: string | null | undefined;
}

/** Decides a person by the same rules as the plan, with what Cognito says of them now. */
export async function place(
  ledger: Ledger,
  destination: Destination,
  migration: MigrationRow,
  person: ProvenPerson & { email: string },
): Promise<Placed> {
  const { file } = migration;
  const known = await ledger.read((db) => recall(db, migration, person));
  const isSelected =
    file.only === undefined || (known.planned !== undefined && known.planned !== "not_selected");
  if (!isSelected) return { kind: "left_out", reason: "not_selected" };
  const policy = { users: file.users, refusesEmail: (email: string) => destination.refusesEmail(email) };
  const accounts = accountsOf(known, person);
  const decisions = decideCluster(accounts, policy, accounts.length > MAX_CLUSTER);
  const own = decisions.find((decision) => decision.sub === person.sub);
  if (own === undefined) throw new Error("The plan's rules decided nothing about a person.");
  if (own.action !== "create") return { kind: "left_out", reason: own.reason };
  if (known.own?.itemCode === "removed_at_destination")
    return { kind: "left_out", reason: "removed_at_destination" };
  const { record } = sendableRecord(destination, file, person.sub, attributesOf(known.own, person));
  return { kind: "create", record, recordHash: recordHash(record), destinationId: known.destinationId };
}

async function recall(
  db: Parameters<typeof bridgeCluster>[0],
  migration: MigrationRow,
  person: ProvenPerson & { email: string },
): Promise<Known> {
  const own = await bridgeUser(db, migration, person.sub);
  // Their own address now, and whoever the snapshot put them together with.
  const keys = new Set([person.email, own?.cluster_key ?? person.email]);
  const cluster = [];
  for (const key of keys) cluster.push(...(await bridgeCluster(db, migration, key)));
  return {
    own,
    cluster,
    destinationId: own?.destinationId ?? (await movedAccount(db, migration.id, person.sub)),
    planned: await plannedReason(db, migration, person.sub),
  };
}

function accountsOf({ own, cluster, destinationId }: Known, person: ProvenPerson): Account[] {
  const others = cluster.filter((user) => user.sub !== person.sub).map(toAccount);
  // Cognito signs in nobody who is disabled, unconfirmed or without a password of their own.
  const proven: Account = {
    sub: person.sub,
    status: "CONFIRMED",
    enabled: true,
    native: true,
    email: person.email,
    emailVerified: person.emailVerified,
    createdAtMs: own?.created_at_ms ?? Date.now(),
    written: own?.itemState === "done" || destinationId !== null,
  };
  return [...others, proven];
}

/** Whoever the import or the bridge gave an account counts as written. */
export function toAccount(user: BridgeUser): Account {
  return accountOf(user, user.itemState === "done" || user.destinationId !== null);
}

/** As the snapshot has them, so that the record is the plan's own; the address is the one that was proven. */
function attributesOf(own: BridgeUser | undefined, person: ProvenPerson & { email: string }): string {
  if (own === undefined) return JSON.stringify(person.attributes);
  // Written by upsertSourceUsers only.
  const listed = JSON.parse(own.attributes) as Record<string, string>;
  const verified = person.emailVerified ? "true" : "false";
  return JSON.stringify({ ...listed, email: person.email, email_verified: verified });
}

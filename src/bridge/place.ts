import type { ProvenPerson } from "../cognito/id-token.ts";
import type { Destination } from "../destinations/destination.ts";
import type { Reason } from "../domain/outcomes.ts";
import type { UserRecord } from "../domain/records.ts";
import { plannedAccount, standingOf, wasRemoved } from "../ledger/account.ts";
import { bridgeCluster, bridgeUser, isSelected, withLinked } from "../ledger/bridge-people.ts";
import type { Db, Ledger } from "../ledger/ledger.ts";
import { type Placed, placedAmong } from "../ledger/placed.ts";
import type { PlannedUser } from "../ledger/plan.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { identitiesAmong } from "../ledger/source-users.ts";
import type { Account, Decision } from "../plan/decide.ts";
import { whyNoAccount } from "../plan/doors.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import { recordFingerprint } from "../plan/record.ts";
import { sendableRecord } from "../plan/sendable-record.ts";
import { standsFor } from "../plan/stands-for.ts";
import { decisionsAround } from "./decisions.ts";
import type { RestsOn } from "./source-look.ts";
import { NOBODY_ASKED, type Today, withNewcomers } from "./today.ts";

/** What the plan's rules say about one person at this moment. */
export type Placement =
  | {
      kind: "create";
      record: UserRecord;
      fingerprint: string;
      /** The account that the import or the bridge gave them before; null without one. */
      destinationId: string | null;
      /** On whose state it rests. */
      restsOn: RestsOn;
    }
  | { kind: "left_out"; reason: Reason; restsOn: RestsOn };

/** What the ledger holds of somebody who has just proven who they are, and how they are decided. */
interface Known {
  own: PlannedUser | undefined;
  decision: Decision;
  restsOn: RestsOn;
  /** What stands of them at the destination: somebody whom no snapshot listed may have been given an account. */
  placed: Placed | undefined;
  isSelected: boolean;
}

/** Decides a person by the same rules as the plan, with what Cognito says of them now, and of whoever it was asked about. */
export async function place(
  ledger: Ledger,
  destination: Destination,
  migration: MigrationRow,
  person: ProvenPerson & { email: string },
  today: Today = NOBODY_ASKED,
): Promise<Placement> {
  const known = await ledger.read((db) => recall(db, destination, migration, person, today));
  const { own, placed, restsOn } = known;
  const reason = whyNoAccount({ ...known, isRemoved: placed?.state === "removed" });
  if (reason !== null) return { kind: "left_out", reason, restsOn };
  const { record } = sendableRecord(destination, migration.file, person.sub, attributesOf(own, person));
  return {
    kind: "create",
    record,
    fingerprint: recordFingerprint(record),
    destinationId: placed?.destinationId ?? null,
    restsOn,
  };
}

async function recall(
  db: Db,
  destination: Destination,
  migration: MigrationRow,
  person: ProvenPerson & { email: string },
  today: Today,
): Promise<Known> {
  const ofEmail = await bridgeCluster(db, migration, person.email);
  const { own, placed } = await ownOf(db, migration, person.sub, ofEmail);
  // Their own address now, and whoever the snapshot put them together with.
  const before =
    own === undefined || (await hasLeft(db, own, person, today)) ? person.email : own.cluster_key;
  const keys = new Set([person.email, before]);
  const addresses = [...keys].filter(isPlainAddress);
  const together = [...ofEmail];
  if (before !== person.email) together.push(...(await bridgeCluster(db, migration, before)));
  const linked = await withLinked(db, migration, together, person.sub);
  const cluster = await withNewcomers(db, migration, { users: linked, addresses }, today);
  for (const { cluster_key } of cluster) keys.add(cluster_key);
  const accounts = accountsOf(cluster, own, placed, person);
  const all = { cluster, accounts, addresses: keys };
  const { decisions, restsOn: subs } = await decisionsAround(db, destination, migration, all, today);
  const decision = decisions.find(({ sub }) => sub === person.sub);
  if (decision === undefined) throw new Error("The plan's rules decided nothing about a person.");
  return {
    own,
    decision,
    restsOn: { addresses, subs: subs.filter((sub) => sub !== person.sub) },
    placed,
    isSelected: migration.file.only === undefined || (await isSelected(db, migration, person.sub)),
  };
}

/** Most people are among those of their address: nobody is asked for twice, as somebody waits. */
async function ownOf(
  db: Db,
  migration: MigrationRow,
  sub: string,
  ofEmail: readonly PlannedUser[],
): Promise<Pick<Known, "own" | "placed">> {
  const own = ofEmail.find((user) => user.sub === sub) ?? (await bridgeUser(db, migration, sub));
  if (own !== undefined) return { own, placed: own.placed };
  return { own, placed: (await placedAmong(db, migration.id, "user", [sub])).get(sub) };
}

/** Whether they share nothing any more with the people of their address in the snapshot. */
async function hasLeft(
  db: Db,
  own: PlannedUser,
  { sub, email }: { sub: string; email: string },
  { addresses }: Today,
): Promise<boolean> {
  if (!addresses.has(email) || own.email === email || own.cluster_key !== own.email) return false;
  return (await identitiesAmong(db, own.migration_id, [sub])).length === 0;
}

function accountsOf(
  cluster: readonly PlannedUser[],
  own: PlannedUser | undefined,
  placed: Placed | undefined,
  person: ProvenPerson & { email: string },
): Account[] {
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
    identities: cluster.find(({ sub }) => sub === person.sub)?.identities ?? [],
    ...standingOf(placed, person.email),
    removed: wasRemoved(placed, person),
  };
  return [...others, proven];
}

/** Whether they have the account of this address, also where it is gone from the destination since. */
export function hasAccountOf({ placed, email_verified }: PlannedUser, email: string): boolean {
  if (placed === undefined || placed.destinationId === null) return false;
  return standsFor({ emailVerified: email_verified === 1, fingerprint: placed.fingerprint }, email);
}

/** As the snapshot has them, so that the record is the plan's own; the address is the one that was proven. */
function attributesOf(own: PlannedUser | undefined, person: ProvenPerson & { email: string }): string {
  if (own === undefined) return JSON.stringify(person.attributes);
  // Written by upsertSourceUsers only.
  const listed = JSON.parse(own.attributes) as Record<string, string>;
  const verified = person.emailVerified ? "true" : "false";
  return JSON.stringify({ ...listed, email: person.email, email_verified: verified });
}

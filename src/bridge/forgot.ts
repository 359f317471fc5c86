import { sendableRecord } from "../activities/record.ts";
import { type BridgeUser, bridgeCluster, plannedReason } from "../ledger/bridge.ts";
import { LedgerError } from "../ledger/errors.ts";
import { findMigration, type MigrationRow } from "../ledger/runs.ts";
import { decideCluster, MAX_CLUSTER } from "../plan/decide.ts";
import { recordHash } from "../plan/record.ts";
import { bringOver } from "./bring.ts";
import type { BridgeDeps } from "./deps.ts";
import { type NoAnswer, outage, problemOf } from "./outcomes.ts";
import { toAccount } from "./place.ts";

/** `accepted` says nothing about who has the address. */
export type ForgotOutcome = { kind: "accepted" } | NoAnswer;

/**
 * Somebody forgot their password. Whoever was not moved yet is imported first, so that there is an account to reset:
 * only a person with a password at Cognito and a verified address, because a completed reset verifies it.
 */
export async function forgotPassword(deps: BridgeDeps, email: string): Promise<ForgotOutcome> {
  try {
    const found = await deps.accounts.accountByEmail(email);
    if (!found.ok) return problemOf(found);
    if (found.value !== null || (await isBroughtOver(deps, email))) await mail(deps, email);
    return { kind: "accepted" };
  } catch (error) {
    if (error instanceof LedgerError) return outage(error.problem);
    throw error;
  }
}

async function isBroughtOver(deps: BridgeDeps, email: string): Promise<boolean> {
  const { ledger, destination } = deps;
  const migration = await ledger.read((db) => findMigration(db, deps.migration));
  if (migration === undefined) return false;
  const cluster = await ledger.read((db) => bridgeCluster(db, migration, email));
  // Whoever was removed at the destination stays removed.
  if (cluster.some((user) => user.destinationId !== null)) return false;
  const user = await firstOf(deps, migration, cluster);
  if (user === undefined || user.email !== email) return false;
  const { record } = sendableRecord(destination, migration.file, user.sub, user.attributes);
  const brought = await bringOver(deps, migration, { record, recordHash: recordHash(record) });
  if (!brought.ok) deps.onTrouble(brought.outcome.kind);
  return brought.ok;
}

/** The one whom the plan's rules make the account of the address, if a reset may be sent there. */
async function firstOf(
  { ledger, destination }: BridgeDeps,
  migration: MigrationRow,
  cluster: readonly BridgeUser[],
): Promise<BridgeUser | undefined> {
  const { file } = migration;
  const policy = { users: file.users, refusesEmail: (email: string) => destination.refusesEmail(email) };
  const decisions = decideCluster(cluster.map(toAccount), policy, cluster.length > MAX_CLUSTER);
  const chosen = decisions.find(({ action }) => action === "create");
  const user = cluster.find(({ sub }) => sub === chosen?.sub);
  if (user?.native !== 1 || user.email_verified !== 1) return undefined;
  if (user.itemCode === "removed_at_destination") return undefined;
  if (file.only === undefined) return user;
  const planned = await ledger.read((db) => plannedReason(db, migration, user.sub));
  return planned === undefined || planned === "not_selected" ? undefined : user;
}

/** What comes of it is not told: it would say that there is an account. */
async function mail({ destination, count, onTrouble }: BridgeDeps, email: string): Promise<void> {
  count(destination.writeKinds);
  const sent = await destination.resets.send(email);
  if (sent.kind !== "sent") onTrouble(`reset_${sent.kind}`);
}

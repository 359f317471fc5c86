import type { UserRecord } from "../domain/records.ts";
import { noteMoved } from "../ledger/bridge.ts";
import { bridgeCluster } from "../ledger/bridge-people.ts";
import { LedgerError } from "../ledger/errors.ts";
import { findMigrationInForce } from "../ledger/runs.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import { provenBy, usernameOf } from "./core.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { ADDRESS_REFUSED, type NotSignedIn, outage } from "./outcomes.ts";
import { place } from "./place.ts";

export type ProveOutcome = { kind: "proven"; record: UserRecord } | NotSignedIn;

/**
 * For destinations that ask about a password which they do not hold, and keep it themselves: whether it is Cognito's,
 * and whose. They decide whom they ask about; the plan decides whom they get. `late` is aborted when nobody waits any more.
 */
export async function prove(
  deps: BridgeDeps,
  credentials: Credentials,
  late: AbortSignal,
): Promise<ProveOutcome> {
  if (!isPlainAddress(credentials.email)) return ADDRESS_REFUSED;
  try {
    return await proveWithCognito(deps, credentials, late);
  } catch (error) {
    if (error instanceof LedgerError) return outage(error.problem);
    throw error;
  }
}

async function proveWithCognito(
  deps: BridgeDeps,
  credentials: Credentials,
  late: AbortSignal,
): Promise<ProveOutcome> {
  const { email, password } = credentials;
  const { ledger, destination, passwords } = deps;
  const migration = await ledger.read((db) => findMigrationInForce(db, deps.migration));
  if (migration === undefined) return outage("no_migration");
  const cluster = await ledger.read((db) => bridgeCluster(db, migration, email));
  const verdict = await passwords.check(usernameOf(credentials, cluster), password);
  const proven = provenBy(verdict, email);
  if (!proven.ok) return proven.outcome;
  const { person } = proven;
  const placed = await place(ledger, destination, migration, person);
  if (placed.kind === "left_out") return { kind: "not_for_import", reason: placed.reason };
  // An answer that nobody hears moves no password.
  if (late.aborted) return outage("too_slow");
  // These destinations know people by our key.
  await ledger.changeSoon((db) => noteMoved(db, migration.id, person.sub));
  return { kind: "proven", record: placed.record };
}

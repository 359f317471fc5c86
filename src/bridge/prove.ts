import type { UserRecord } from "../domain/records.ts";
import { bridgeCluster } from "../ledger/bridge-people.ts";
import { readPool } from "../ledger/configuration.ts";
import { LedgerError } from "../ledger/errors.ts";
import { isPlainAddress } from "../plan/normalize.ts";
import { provenBy } from "./core.ts";
import type { BridgeDeps, Credentials } from "./deps.ts";
import { ADDRESS_REFUSED, type NotSignedIn, outage } from "./outcomes.ts";
import { placeAsListed, placeNow } from "./place-now.ts";
import { servedMigration } from "./served.ts";
import { usernameOf } from "./username.ts";

/** Cognito took the password of whoever the record is of, in this migration. */
export interface Proven {
  kind: "proven";
  record: UserRecord;
  migrationId: number;
}

export type ProveOutcome = Proven | NotSignedIn;

/**
 * For destinations that ask about a password which they do not hold, and keep it themselves: whether it is Cognito's,
 * and whose. They decide whom they ask about; the plan decides whom they get.
 */
export async function prove(deps: BridgeDeps, credentials: Credentials): Promise<ProveOutcome> {
  if (!isPlainAddress(credentials.email)) return ADDRESS_REFUSED;
  try {
    return await proveWithCognito(deps, credentials);
  } catch (error) {
    if (error instanceof LedgerError) return outage(error.problem);
    throw error;
  }
}

async function proveWithCognito(deps: BridgeDeps, credentials: Credentials): Promise<ProveOutcome> {
  const { email, password } = credentials;
  const { ledger, passwords, throttle } = deps;
  const served = await servedMigration(deps);
  if (!served.ok) return served.outcome;
  const { migration } = served;
  const [cluster, pool] = await Promise.all([
    ledger.read((db) => bridgeCluster(db, migration, email)),
    ledger.read((db) => readPool(db, migration.id)),
  ]);
  const username = usernameOf(credentials, cluster, pool);
  const verdict = await passwords.check(username, password, credentials.client);
  if (verdict.kind === "throttled") throttle.note();
  const proven = provenBy(verdict, email, migration.file.passwordResets);
  if (!proven.ok) return proven.outcome;
  const { person } = proven;
  const listed = await placeAsListed(deps, migration, person);
  if (!listed.ok) return listed.outcome;
  const { placed } = listed;
  const now = placed.destinationId === null ? await placeNow(deps, migration, person, placed) : listed;
  if (!now.ok) return now.outcome;
  // An undo or a purge may have begun while Cognito was asked.
  const still = await servedMigration(deps);
  if (!still.ok) return still.outcome;
  return { kind: "proven", record: now.placed.record, migrationId: migration.id };
}

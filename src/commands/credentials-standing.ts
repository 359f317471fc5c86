import type { Destination } from "../destinations/destination.ts";
import { readApplications } from "../ledger/applications.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { plannedObjects } from "../ledger/planned-objects.ts";
import { readProviderChecks } from "../ledger/providers.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { providerFate } from "../plan/placement.ts";
import { type ClientStanding, clientStanding } from "./client-standing.ts";
import { knownSetUp } from "./known-set-up.ts";
import { type ProviderStanding, providerStanding } from "./provider-standing.ts";

/** Where everything stands that people and applications sign in through. */
export interface CredentialsStanding {
  providers: ProviderStanding[];
  clients: ClientStanding[];
}

/** Asks the ledger alone. Throws UsageError before a run has read the pool's set-up. */
export async function credentialsStanding(
  ledger: Ledger,
  migration: MigrationRow,
  destination: Destination,
): Promise<CredentialsStanding> {
  const { id, file } = migration;
  const { providers, clients } = await knownSetUp(ledger, migration);
  const checks = await ledger.read((db) => readProviderChecks(db, id));
  const applications = await ledger.read((db) => readApplications(db, id));
  const items = await ledger.read((db) => plannedObjects(db, runOf(migration), "application"));
  return {
    providers: providers.map((provider) => {
      const check = checks.find(({ name }) => name === provider.name);
      return providerStanding(provider, providerFate(file, provider, destination), check, file.dryRun);
    }),
    clients: clients.map((client) => clientStanding(migration, client, { applications, items }, destination)),
  };
}

const MISSING: readonly string[] = ["missing", "open", "unchecked"];

/** How many of them a run of everyone would wait for, or has not made yet. */
export function countMissing({ providers, clients }: CredentialsStanding): number {
  const states = [...providers, ...clients].map(({ state }) => state);
  return states.filter((state) => MISSING.includes(state)).length;
}

import type { KnowsCounterparts } from "../domain/counterparts.ts";
import type { KnownClient, KnownProvider, PoolGroup, PoolShape } from "../domain/pool.ts";
import { readApplications } from "../ledger/applications.ts";
import { readConfiguration, readPool } from "../ledger/configuration.ts";
import { type Counters, readCursor } from "../ledger/cursors.ts";
import type { Db, Ledger } from "../ledger/ledger.ts";
import { plannedObjects } from "../ledger/planned-objects.ts";
import { readProviderChecks } from "../ledger/providers.ts";
import { type MigrationRow, runOf } from "../ledger/runs.ts";
import { PROVIDER_PREFIX } from "../plan/counters.ts";
import type { GateState } from "../plan/way-in.ts";
import { type ClientStanding, clientStanding } from "./clients.ts";
import { type ProviderStanding, providerStanding } from "./providers.ts";

/** The pool beside its people, and what became of it. Holds no secret and no person's data. */
export interface SetUp {
  /** Null until a run has looked at the pool. */
  shape: PoolShape | null;
  groups: PoolGroup[];
  providers: ProviderStanding[];
  clients: ClientStanding[];
}

/** As the newest run has it; empty before. */
export async function readSetUp(
  ledger: Ledger,
  migration: MigrationRow,
  rules: KnowsCounterparts,
): Promise<SetUp> {
  const { id, generation } = migration;
  const { counters } = await readCursor(ledger, { migrationId: id, generation, name: "plan:links" });
  return {
    shape: (await ledger.read((db) => readPool(db, id))) ?? null,
    groups: await ledger.read((db) => readConfiguration<PoolGroup>(db, id, "group")),
    providers: await ledger.read((db) => readProviders(db, migration, counters, rules)),
    clients: await ledger.read((db) => readClients(db, migration, rules)),
  };
}

/** Where each identity provider stands, by its name in Cognito. */
export async function readGateStates(
  ledger: Ledger,
  migration: MigrationRow,
  rules: KnowsCounterparts,
): Promise<ReadonlyMap<string, GateState>> {
  return gateStatesOf(await ledger.read((db) => readProviders(db, migration, {}, rules)));
}

export function gateStatesOf(providers: readonly ProviderStanding[]): ReadonlyMap<string, GateState> {
  return new Map(providers.map(({ provider, check }) => [provider.name, check.state]));
}

async function readProviders(
  db: Db,
  { id, file }: MigrationRow,
  counters: Counters,
  rules: KnowsCounterparts,
): Promise<ProviderStanding[]> {
  const providers = await readConfiguration<KnownProvider>(db, id, "provider");
  const checks = new Map((await readProviderChecks(db, id)).map((check) => [check.name, check]));
  return providers.map((provider) => {
    const identities = counters[`${PROVIDER_PREFIX}${provider.name}`] ?? 0;
    return providerStanding(file, provider, checks.get(provider.name), identities, rules);
  });
}

async function readClients(
  db: Db,
  migration: MigrationRow,
  rules: KnowsCounterparts,
): Promise<ClientStanding[]> {
  const { id } = migration;
  const clients = await readConfiguration<KnownClient>(db, id, "client");
  const applications = new Map((await readApplications(db, id)).map((one) => [one.clientId, one]));
  const items = new Map(
    (await plannedObjects(db, runOf(migration), "application")).map((item) => [item.key, item]),
  );
  return clients.map((client) =>
    clientStanding(migration, client, applications.get(client.id), items.get(client.id), rules),
  );
}

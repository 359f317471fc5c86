import { setTimeout as sleep } from "node:timers/promises";
import { CONFIGURATION_CALLS_PER_SECOND } from "../activities/pace-keys.ts";
import type {
  ConfigurationPage,
  KnownClient,
  KnownProvider,
  PoolConfiguration,
} from "../cognito/configuration.ts";
import type { SourceAnswer, UserSource } from "../cognito/source.ts";
import type { Migration } from "../migration.ts";
import { askSource } from "./ask.ts";

type Ask = <T>(call: () => Promise<SourceAnswer<T>>) => Promise<T>;

/** All of the pool's set-up but its secrets, at a pace of its own: there is no ledger yet. Throws UsageError. */
export async function readSetUp(pool: Migration["source"], source: UserSource): Promise<PoolConfiguration> {
  const turn = turns(CONFIGURATION_CALLS_PER_SECOND);
  const ask: Ask = (call) =>
    askSource(pool, async () => {
      await turn();
      return call();
    });
  return {
    groups: await listAll(ask, (token) => source.listGroups(token)),
    providers: await readProviders(ask, source),
    clients: await readClients(ask, source),
    resourceServers: await listAll(ask, (token) => source.listResourceServers(token)),
  };
}

async function readProviders(ask: Ask, source: UserSource): Promise<KnownProvider[]> {
  const providers: KnownProvider[] = [];
  for (const name of await listAll(ask, (token) => source.listIdentityProviders(token))) {
    const { clientSecret: _, ...known } = await ask(() => source.describeIdentityProvider(name));
    providers.push(known);
  }
  return providers;
}

async function readClients(ask: Ask, source: UserSource): Promise<KnownClient[]> {
  const clients: KnownClient[] = [];
  for (const id of await listAll(ask, (token) => source.listAppClients(token))) {
    const { secret, ...known } = await ask(() => source.describeAppClient(id));
    clients.push({ ...known, isConfidential: secret !== null });
  }
  return clients;
}

async function listAll<T>(
  ask: Ask,
  list: (token: string | null) => Promise<SourceAnswer<ConfigurationPage<T>>>,
): Promise<T[]> {
  const items: T[] = [];
  for (let token: string | null = null; ; ) {
    const from: string | null = token;
    const page: ConfigurationPage<T> = await ask(() => list(from));
    items.push(...page.items);
    token = page.nextToken;
    if (token === null) return items;
  }
}

/** Waits until the next call is due. */
function turns(perSecond: number): () => Promise<void> {
  let nextAtMs = 0;
  return async () => {
    const waitMs = nextAtMs - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    nextAtMs = performance.now() + 1_000 / perSecond;
  };
}

import type {
  AppClient,
  ConfigurationPage,
  IdentityProvider,
  KnownClient,
  KnownProvider,
  PoolConfiguration,
  PoolGroup,
} from "../domain/pool.ts";
import type { SourceAnswer, UserSource } from "./source.ts";

/** Puts one question at the caller's own pace; throws where there is no answer, DeadTokenError for a dead page token. */
export type Ask = <T>(operation: string, call: () => Promise<SourceAnswer<T>>) => Promise<T>;

/** The list has to be read from its start again. */
export class DeadTokenError extends Error {
  override readonly name = "DeadTokenError";
}

/** Lists are short: one whose tokens keep dying is not read for ever. */
const MAX_RESTARTS = 3;

/** All of the pool's set-up but its secrets. */
export async function readConfiguration(source: UserSource, ask: Ask): Promise<PoolConfiguration> {
  const providers = await readProviders(source, ask);
  const clients = await readClients(source, ask);
  return {
    groups: await readGroups(source, ask),
    providers,
    clients,
    resourceServers: await listAll(ask, "ListResourceServers", (token) => source.listResourceServers(token)),
  };
}

export function readGroups(source: UserSource, ask: Ask): Promise<PoolGroup[]> {
  return listAll(ask, "ListGroups", (token) => source.listGroups(token));
}

export async function readProviders(source: UserSource, ask: Ask): Promise<KnownProvider[]> {
  const providers: KnownProvider[] = [];
  const names = await listAll(ask, "ListIdentityProviders", (token) => source.listIdentityProviders(token));
  for (const name of names)
    providers.push(
      knownProvider(await ask("DescribeIdentityProvider", () => source.describeIdentityProvider(name))),
    );
  return providers;
}

export async function readClients(source: UserSource, ask: Ask): Promise<KnownClient[]> {
  const clients: KnownClient[] = [];
  for (const id of await listAll(ask, "ListUserPoolClients", (token) => source.listAppClients(token)))
    clients.push(knownClient(await ask("DescribeUserPoolClient", () => source.describeAppClient(id))));
  return clients;
}

type List<T> = (token: string | null) => Promise<SourceAnswer<ConfigurationPage<T>>>;

/** Every page; from the start where a token died on the way. */
export async function listAll<T>(ask: Ask, operation: string, list: List<T>): Promise<T[]> {
  for (let restarts = 0; ; restarts += 1) {
    try {
      return await listOnce(ask, operation, list);
    } catch (error) {
      if (!(error instanceof DeadTokenError) || restarts === MAX_RESTARTS) throw error;
    }
  }
}

async function listOnce<T>(ask: Ask, operation: string, list: List<T>): Promise<T[]> {
  const items: T[] = [];
  for (let token: string | null = null; ; ) {
    const from: string | null = token;
    const page: ConfigurationPage<T> = await ask(operation, () => list(from));
    items.push(...page.items);
    token = page.nextToken;
    if (token === null) return items;
  }
}

function knownProvider({ clientSecret: _, ...known }: IdentityProvider): KnownProvider {
  return known;
}

function knownClient({ secret, ...known }: AppClient): KnownClient {
  return { ...known, isConfidential: secret !== null };
}

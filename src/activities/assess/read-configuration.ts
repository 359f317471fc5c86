import type {
  AppClient,
  ConfigurationPage,
  IdentityProvider,
  KnownClient,
  KnownProvider,
  PoolConfiguration,
} from "../../cognito/configuration.ts";
import type { SourceAnswer, UserSource } from "../../cognito/source.ts";
import { blocked } from "../blocked.ts";
import { ParkedError } from "../parked.ts";
import { askSource, type SourceResult, type SourceTools } from "../source-calls.ts";

/** A page token may die in the middle of a list; it is short, so it is read from the start again. */
const MAX_RESTARTS = 3;

/** Reads all of the pool's set-up but its secrets. Throws ParkedError for what an operator has to mend. */
export async function readConfiguration(tools: SourceTools, source: UserSource): Promise<PoolConfiguration> {
  const providers: KnownProvider[] = [];
  for (const name of await listAll(tools, "ListIdentityProviders", (token) =>
    source.listIdentityProviders(token),
  ))
    providers.push(
      knownProvider(
        await askOne(tools, "DescribeIdentityProvider", () => source.describeIdentityProvider(name)),
      ),
    );
  const clients: KnownClient[] = [];
  for (const id of await listAll(tools, "ListUserPoolClients", (token) => source.listAppClients(token)))
    clients.push(
      knownClient(await askOne(tools, "DescribeUserPoolClient", () => source.describeAppClient(id))),
    );
  return {
    groups: await listAll(tools, "ListGroups", (token) => source.listGroups(token)),
    providers,
    clients,
    resourceServers: await listAll(tools, "ListResourceServers", (token) =>
      source.listResourceServers(token),
    ),
  };
}

/** One answer, however long it takes. Throws ParkedError for what an operator has to mend. */
export async function askOne<T>(
  tools: SourceTools,
  operation: string,
  ask: () => Promise<SourceAnswer<T>>,
): Promise<T> {
  const answer = await askSource(tools, operation, ask);
  if (answer.status === "answered") return answer.value;
  throw new ParkedError(
    answer.status === "blocked" ? answer : blocked("source_refused", { detail: operation }),
  );
}

async function listAll<T>(
  tools: SourceTools,
  operation: string,
  list: (token: string | null) => Promise<SourceAnswer<ConfigurationPage<T>>>,
): Promise<T[]> {
  for (let restarts = 0; restarts <= MAX_RESTARTS; restarts += 1) {
    const items: T[] = [];
    for (let token: string | null = null; ; ) {
      const from: string | null = token;
      const answer: SourceResult<ConfigurationPage<T>> = await askSource(tools, operation, () => list(from));
      if (answer.status === "blocked") throw new ParkedError(answer);
      if (answer.status === "dead_token") break;
      items.push(...answer.value.items);
      token = answer.value.nextToken;
      if (token === null) return items;
    }
  }
  throw new ParkedError(blocked("source_refused", { detail: `${operation}: its page tokens keep dying` }));
}

function knownProvider({ clientSecret: _, ...known }: IdentityProvider): KnownProvider {
  return known;
}

function knownClient({ secret, ...known }: AppClient): KnownClient {
  return { ...known, isConfidential: secret !== null };
}

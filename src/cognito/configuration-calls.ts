import {
  type CognitoIdentityProviderClient,
  DescribeIdentityProviderCommand,
  DescribeUserPoolClientCommand,
  ListGroupsCommand,
  ListIdentityProvidersCommand,
  ListResourceServersCommand,
  ListUserPoolClientsCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { ConfigurationPage } from "../domain/pool.ts";
import { ask, EMPTY_ANSWER } from "./ask.ts";
import {
  parseAppClient,
  parseGroup,
  parseIdentityProvider,
  parseResourceServer,
} from "./parse-configuration.ts";
import type { SourceAnswer, UserSource } from "./source.ts";

export type ConfigurationCalls = Pick<
  UserSource,
  | "listGroups"
  | "listIdentityProviders"
  | "describeIdentityProvider"
  | "listAppClients"
  | "describeAppClient"
  | "listResourceServers"
>;

/** The most that Cognito's service model lets a page have; of providers 60 may be asked for, but 50 come. */
const PAGE_LIMITS = { groups: 60, identityProviders: 50, appClients: 60, resourceServers: 50 } as const;

const following = (token: string | null) => (token === null ? {} : { NextToken: token });

/** One call each, without retries of its own. `pool` goes into every call. */
export function configurationCalls(
  client: CognitoIdentityProviderClient,
  pool: { UserPoolId: string },
): ConfigurationCalls {
  return {
    async listGroups(token) {
      const input = { ...pool, Limit: PAGE_LIMITS.groups, ...following(token) };
      const answer = await ask(() => client.send(new ListGroupsCommand(input)), token !== null);
      return answer.ok ? pageOf(answer.value.Groups, answer.value.NextToken, parseGroup) : answer;
    },

    async listIdentityProviders(token) {
      const input = { ...pool, MaxResults: PAGE_LIMITS.identityProviders, ...following(token) };
      const answer = await ask(() => client.send(new ListIdentityProvidersCommand(input)), token !== null);
      if (!answer.ok) return answer;
      return pageOf(answer.value.Providers, answer.value.NextToken, (row) => row.ProviderName || null);
    },

    async describeIdentityProvider(name) {
      const input = { ...pool, ProviderName: name };
      const answer = await ask(() => client.send(new DescribeIdentityProviderCommand(input)));
      if (!answer.ok) return answer;
      const { IdentityProvider: provider } = answer.value;
      return provider ? { ok: true, value: parseIdentityProvider(provider, name) } : EMPTY_ANSWER;
    },

    async listAppClients(token) {
      const input = { ...pool, MaxResults: PAGE_LIMITS.appClients, ...following(token) };
      const answer = await ask(() => client.send(new ListUserPoolClientsCommand(input)), token !== null);
      if (!answer.ok) return answer;
      return pageOf(answer.value.UserPoolClients, answer.value.NextToken, (row) => row.ClientId || null);
    },

    async describeAppClient(id) {
      const input = { ...pool, ClientId: id };
      const answer = await ask(() => client.send(new DescribeUserPoolClientCommand(input)));
      if (!answer.ok) return answer;
      const { UserPoolClient: found } = answer.value;
      return found ? { ok: true, value: parseAppClient(found, id) } : EMPTY_ANSWER;
    },

    async listResourceServers(token) {
      const input = { ...pool, MaxResults: PAGE_LIMITS.resourceServers, ...following(token) };
      const answer = await ask(() => client.send(new ListResourceServersCommand(input)), token !== null);
      if (!answer.ok) return answer;
      return pageOf(answer.value.ResourceServers, answer.value.NextToken, parseResourceServer);
    },
  };
}

/** Rows without the name they are known by are left out: nothing could be asked of them. */
export function pageOf<Row, T>(
  rows: readonly Row[] | undefined,
  nextToken: string | undefined,
  parse: (row: Row) => T | null,
): SourceAnswer<ConfigurationPage<T>> {
  // Cognito says of an empty list that it is one.
  if (rows === undefined && nextToken === undefined) return EMPTY_ANSWER;
  const items = (rows ?? []).map(parse).filter((item) => item !== null);
  return { ok: true, value: { items, nextToken: nextToken ?? null } };
}

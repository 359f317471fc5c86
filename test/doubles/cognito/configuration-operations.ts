import { AwsError } from "../shared/aws-error.ts";
import { type Call, DEFAULT_LIMIT, type Operations, poolNamed } from "./call.ts";
import {
  describeIdentityProviderInput,
  describeResourceServerInput,
  describeUserPoolClientInput,
  describeUserPoolDomainInput,
  getUserPoolMfaConfigInput,
  listGroupsInput,
  listIdentityProvidersInput,
  listResourceServersInput,
  listUserPoolClientsInput,
  listUserPoolsInput,
} from "./configuration-inputs.ts";
import {
  renderClient,
  renderClientEntry,
  renderDomain,
  renderGroup,
  renderMfa,
  renderPoolEntry,
  renderProvider,
  renderProviderEntry,
  renderResourceServer,
} from "./configuration-rows.ts";
import { readInput } from "./inputs.ts";

/** The most that the model allows a page of them to have, though 60 providers may be asked for. */
const MOST_PROVIDERS = 50;
const MOST_RESOURCE_SERVERS = 50;

/** A pool's set-up beside its users. */
export const CONFIGURATION_OPERATIONS: Operations = {
  /** Of the region that was called. */
  ListUserPools(call) {
    const { NextToken: token, ...parameters } = readInput(listUserPoolsInput, call.body);
    const { pool, caller, options } = call;
    const pools = caller.region === pool.region ? [pool, ...options.otherPools] : [];
    const wish = { token, limit: parameters.MaxResults, parameters };
    const { rows, nextToken } = pageOf("ListUserPools", pools, wish, call);
    return { UserPools: rows.map((row) => renderPoolEntry(row, pool)), NextToken: nextToken };
  },

  ListGroups(call) {
    const { NextToken: token, ...parameters } = readInput(listGroupsInput, call.body);
    const pool = poolNamed(parameters.UserPoolId, call);
    const wish = { token, limit: parameters.Limit || DEFAULT_LIMIT, parameters };
    const { rows, nextToken } = pageOf("ListGroups", pool.groups, wish, call);
    return { Groups: rows.map((group) => renderGroup(group, pool)), NextToken: nextToken };
  },

  ListIdentityProviders(call) {
    const { NextToken: token, ...parameters } = readInput(listIdentityProvidersInput, call.body);
    const pool = poolNamed(parameters.UserPoolId, call);
    const limit = Math.min(parameters.MaxResults || DEFAULT_LIMIT, MOST_PROVIDERS);
    const wish = { token, limit, parameters };
    const { rows, nextToken } = pageOf("ListIdentityProviders", pool.identityProviders, wish, call);
    return { Providers: rows.map((row) => renderProviderEntry(row, pool)), NextToken: nextToken };
  },

  DescribeIdentityProvider(call) {
    const { UserPoolId, ProviderName } = readInput(describeIdentityProviderInput, call.body);
    const pool = poolNamed(UserPoolId, call);
    const provider = pool.identityProviders.find(({ name }) => name === ProviderName);
    if (provider === undefined) throw notFound(`Identity provider ${ProviderName} does not exist.`);
    return { IdentityProvider: renderProvider(provider, pool) };
  },

  ListUserPoolClients(call) {
    const { NextToken: token, ...parameters } = readInput(listUserPoolClientsInput, call.body);
    const pool = poolNamed(parameters.UserPoolId, call);
    // No client of this pool registered itself.
    const clients = parameters.ClientType === "DCR" ? [] : pool.clients;
    const wish = { token, limit: parameters.MaxResults ?? DEFAULT_LIMIT, parameters };
    const { rows, nextToken } = pageOf("ListUserPoolClients", clients, wish, call);
    return { UserPoolClients: rows.map((row) => renderClientEntry(row, pool)), NextToken: nextToken };
  },

  DescribeUserPoolClient(call) {
    const { UserPoolId, ClientId } = readInput(describeUserPoolClientInput, call.body);
    const pool = poolNamed(UserPoolId, call);
    const client = pool.clients.find(({ id }) => id === ClientId);
    if (client === undefined) throw notFound(`User pool client ${ClientId} does not exist.`);
    return { UserPoolClient: renderClient(client, pool) };
  },

  ListResourceServers(call) {
    const { NextToken: token, ...parameters } = readInput(listResourceServersInput, call.body);
    const pool = poolNamed(parameters.UserPoolId, call);
    const wish = { token, limit: parameters.MaxResults ?? MOST_RESOURCE_SERVERS, parameters };
    const { rows, nextToken } = pageOf("ListResourceServers", pool.resourceServers, wish, call);
    return { ResourceServers: rows.map((row) => renderResourceServer(row, pool)), NextToken: nextToken };
  },

  DescribeResourceServer(call) {
    const { UserPoolId, Identifier } = readInput(describeResourceServerInput, call.body);
    const pool = poolNamed(UserPoolId, call);
    const server = pool.resourceServers.find(({ identifier }) => identifier === Identifier);
    if (server === undefined) throw notFound(`Resource server ${Identifier} does not exist.`);
    return { ResourceServer: renderResourceServer(server, pool) };
  },

  /** Asks after any domain of the region; one that nobody has is described by nothing. */
  DescribeUserPoolDomain({ body, pool, caller }) {
    const { Domain } = readInput(describeUserPoolDomainInput, body);
    const isOfPool = Domain === pool.domain || Domain === pool.customDomain;
    const isKnown = isOfPool && caller.region === pool.region;
    return { DomainDescription: isKnown ? renderDomain(Domain, pool) : {} };
  },

  GetUserPoolMfaConfig(call) {
    const { UserPoolId } = readInput(getUserPoolMfaConfigInput, call.body);
    return renderMfa(poolNamed(UserPoolId, call));
  },
};

/** Lists whose calls look alike take no tokens of each other. */
function pageOf<T>(
  operation: string,
  list: readonly T[],
  { token, limit, parameters }: { token: string | undefined; limit: number; parameters: object },
  { chains, options }: Call,
) {
  return chains.page(list, { token, limit, parameters: { operation, ...parameters } }, options);
}

const notFound = (message: string) => new AwsError("ResourceNotFoundException", message);

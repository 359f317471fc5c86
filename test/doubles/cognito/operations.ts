import type { Pool, PoolUser } from "../pool/pool.ts";
import type { Caller } from "./authorize.ts";
import { AwsError, invalidParameter } from "./aws-error.ts";
import type { Chains } from "./chains.ts";
import { filterOf } from "./filter.ts";
import { describeUserPoolInput, listUsersInGroupInput, listUsersInput, readInput } from "./inputs.ts";
import type { Options } from "./options.ts";
import { renderPool, renderUser } from "./rows.ts";

export interface Call {
  pool: Pool;
  options: Options;
  chains: Chains;
  caller: Caller;
  body: unknown;
}

/** What AWS takes when no Limit, or 0, is given. */
const DEFAULT_LIMIT = 60;

export const OPERATIONS: Readonly<Record<string, (call: Call) => unknown>> = {
  DescribeUserPool(call) {
    const { UserPoolId } = readInput(describeUserPoolInput, call.body);
    return { UserPool: renderPool(poolNamed(UserPoolId, call)) };
  },

  ListUsers(call) {
    const { PaginationToken: token, ...parameters } = readInput(listUsersInput, call.body);
    const { users } = poolNamed(parameters.UserPoolId, call);
    const list = parameters.Filter === undefined ? users : users.filter(filterOf(parameters.Filter));
    const wish = { token, limit: parameters.Limit || DEFAULT_LIMIT, parameters };
    const { rows, nextToken } = call.chains.page(list, wish, call.options);
    return {
      Users: rows.map((user) => renderWanted(user, parameters.AttributesToGet)),
      PaginationToken: nextToken,
    };
  },

  ListUsersInGroup(call) {
    const { NextToken: token, ...parameters } = readInput(listUsersInGroupInput, call.body);
    const pool = poolNamed(parameters.UserPoolId, call);
    const group = pool.groups.find(({ name }) => name === parameters.GroupName);
    if (group === undefined) throw new AwsError("ResourceNotFoundException", "Group not found.");
    const wish = { token, limit: parameters.Limit || DEFAULT_LIMIT, parameters };
    const { rows, nextToken } = call.chains.page(group.members, wish, call.options);
    const wanted = new Set(rows);
    const users = wanted.size === 0 ? [] : pool.users.filter(({ sub }) => wanted.has(sub));
    return { Users: users.map((user) => renderUser(user)), NextToken: nextToken };
  },
};

/** An endpoint knows the pools of its own region only. */
function poolNamed(poolId: string, { pool, caller }: Call): Pool {
  if (poolId === pool.poolId && caller.region === pool.region) return pool;
  throw new AwsError("ResourceNotFoundException", `User pool ${poolId} does not exist.`);
}

/** AWS refuses the whole page when one user lacks an attribute asked for. */
function renderWanted(user: PoolUser, wanted: string[] | undefined) {
  const missing = wanted?.find((name) => user.attributes[name] === undefined);
  if (missing !== undefined) throw invalidParameter("One or more requested attributes do not exist.");
  return renderUser(user, wanted);
}

import type { PoolUser } from "../pool/pool.ts";
import { AwsError, invalidParameter } from "../shared/aws-error.ts";
import { DEFAULT_LIMIT, type Operations, poolNamed } from "./call.ts";
import { CONFIGURATION_OPERATIONS } from "./configuration-operations.ts";
import { renderGroup } from "./configuration-rows.ts";
import { filterOf } from "./filter.ts";
import {
  adminListGroupsForUserInput,
  describeUserPoolInput,
  listUsersInGroupInput,
  listUsersInput,
  readInput,
} from "./inputs.ts";
import type { Options } from "./options.ts";
import { renderPool, renderUser } from "./rows.ts";
import { SIGN_IN_OPERATIONS } from "./sign-in-operations.ts";

export const OPERATIONS: Operations = {
  ...CONFIGURATION_OPERATIONS,
  ...SIGN_IN_OPERATIONS,

  DescribeUserPool(call) {
    const { UserPoolId } = readInput(describeUserPoolInput, call.body);
    return { UserPool: renderPool(poolNamed(UserPoolId, call), call.options) };
  },

  ListUsers(call) {
    const { PaginationToken: token, ...parameters } = readInput(listUsersInput, call.body);
    const { users } = poolNamed(parameters.UserPoolId, call);
    refuseBroken(parameters.Filter, call.options);
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

  AdminListGroupsForUser(call) {
    const { NextToken: token, ...parameters } = readInput(adminListGroupsForUserInput, call.body);
    const pool = poolNamed(parameters.UserPoolId, call);
    // "the sub of a local user or the username of a user from a third-party IdP" (API reference, `Username`).
    const named = ({ username, sub, status }: PoolUser) =>
      username === parameters.Username || (sub === parameters.Username && status !== "EXTERNAL_PROVIDER");
    const user = pool.users.find(named);
    if (user === undefined) throw new AwsError("UserNotFoundException", "User does not exist.");
    const groups = pool.groups.filter(({ members }) => members.includes(user.sub));
    const wish = { token, limit: parameters.Limit || DEFAULT_LIMIT, parameters };
    const { rows, nextToken } = call.chains.page(groups, wish, call.options);
    return { Groups: rows.map((group) => renderGroup(group, pool)), NextToken: nextToken };
  },
};

function refuseBroken(filter: string | undefined, { brokenFilter }: Options): void {
  if (filter === undefined || brokenFilter === null || !new RegExp(brokenFilter.matches).test(filter)) return;
  const { error } = brokenFilter;
  throw new AwsError(error, "Something went wrong.", error === "InternalErrorException" ? 500 : 400);
}

/** AWS refuses the whole page when one user lacks an attribute asked for. */
function renderWanted(user: PoolUser, wanted: string[] | undefined) {
  const missing = wanted?.find((name) => user.attributes[name] === undefined);
  if (missing !== undefined) throw invalidParameter("One or more requested attributes do not exist.");
  return renderUser(user, wanted);
}

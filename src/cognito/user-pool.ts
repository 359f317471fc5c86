import {
  AdminListGroupsForUserCommand,
  DescribeUserPoolCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import { ask, EMPTY_ANSWER } from "./ask.ts";
import { configurationCalls } from "./configuration-calls.ts";
import { parsePage, parsePool } from "./parse.ts";
import { PlainPages } from "./plain-pages.ts";
import { createSdkClient } from "./sdk-client.ts";
import { PAGE_SIZE, type SourceAnswer, type SourcePage, type UserSource } from "./source.ts";

const CALL_TIMEOUT_MS = 10_000;
/** Of a list that holds one person at most. */
const MAX_FOUND_PAGES = 10;
/** The whole filter may have 256 characters (API reference, ListUsers, `Filter`), and an address nearly as many. */
const FILTER_VALUE_MAX = 200;
/** A user has 100 groups at most ("Quotas in Amazon Cognito"), a page has 60 of them. */
const MAX_GROUP_PAGES = 10;
const NO_SUCH_USER = "UserNotFoundException";
const ENDLESS = { ok: false, problem: "unavailable", code: "EndlessList" } as const;

export interface UserPoolAddress {
  region: string;
  userPoolId: string;
  /** 10 seconds unless given. */
  callTimeoutMs?: number;
}

/** Reads one user pool. */
export function createUserSource({
  region,
  userPoolId,
  callTimeoutMs = CALL_TIMEOUT_MS,
}: UserPoolAddress): UserSource {
  // Pace and back-off belong to the caller, across all workers.
  const client = createSdkClient({ region, callTimeoutMs, protocol: PlainPages });
  const pool = { UserPoolId: userPoolId };

  return {
    async describePool() {
      const answer = await ask(() => client.send(new DescribeUserPoolCommand(pool)));
      if (!answer.ok) return answer;
      if (answer.value.UserPool === undefined) return EMPTY_ANSWER;
      return { ok: true, value: parsePool(answer.value.UserPool, userPoolId) };
    },

    async listUsers(token, limit) {
      const input = { ...pool, Limit: limit, ...(token !== null && { PaginationToken: token }) };
      const answer = await ask(() => client.send(new ListUsersCommand(input)), token !== null);
      return answer.ok ? pageOf(answer.value.Users, answer.value.PaginationToken) : answer;
    },

    async findUser(sub) {
      const asked = { ...pool, Limit: 1, Filter: `sub = ${quoted(sub)}` };
      let token: string | undefined;
      for (let pages = 0; pages < MAX_FOUND_PAGES; pages += 1) {
        const input = { ...asked, ...(token !== undefined && { PaginationToken: token }) };
        const answer = await ask(() => client.send(new ListUsersCommand(input)));
        if (!answer.ok) return answer;
        const page = pageOf(answer.value.Users, answer.value.PaginationToken);
        if (!page.ok) return page;
        const user = page.value.users.find((one) => one.sub === sub);
        // Pages without users may come before the one with the person.
        if (user !== undefined || page.value.nextToken === null) return { ok: true, value: user ?? null };
        token = page.value.nextToken;
      }
      return ENDLESS;
    },

    async usersByEmail(email, token) {
      const begin = email.slice(0, FILTER_VALUE_MAX);
      const Filter = begin === email ? `email = ${quoted(email)}` : `email ^= ${quoted(begin)}`;
      const input = { ...pool, Limit: PAGE_SIZE, Filter, ...(token !== null && { PaginationToken: token }) };
      const answer = await ask(() => client.send(new ListUsersCommand(input)));
      return answer.ok ? pageOf(answer.value.Users, answer.value.PaginationToken) : answer;
    },

    async groupsOfUser(username) {
      const groups: string[] = [];
      let token: string | undefined;
      for (let pages = 0; pages < MAX_GROUP_PAGES; pages += 1) {
        const input = { ...pool, Username: username, Limit: PAGE_SIZE, ...(token && { NextToken: token }) };
        const answer = await ask(() => client.send(new AdminListGroupsForUserCommand(input)));
        if (!answer.ok)
          return answer.problem === "refused" && answer.code === NO_SUCH_USER
            ? { ok: true, value: null }
            : answer;
        if (answer.value.Groups === undefined && answer.value.NextToken === undefined) return EMPTY_ANSWER;
        groups.push(...(answer.value.Groups ?? []).flatMap(({ GroupName }) => GroupName ?? []));
        token = answer.value.NextToken;
        if (token === undefined) return { ok: true, value: groups };
      }
      return ENDLESS;
    },

    async listUsersInGroup(group, token, limit) {
      const input = { ...pool, GroupName: group, Limit: limit, ...(token !== null && { NextToken: token }) };
      const answer = await ask(() => client.send(new ListUsersInGroupCommand(input)), token !== null);
      return answer.ok ? pageOf(answer.value.Users, answer.value.NextToken) : answer;
    },

    ...configurationCalls(client, pool),

    close: () => client.destroy(),
  };
}

/** A value of a filter. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Cognito ends a list with a page that has users, or says it has none: nothing at all is not its answer. */
function pageOf(users: UserType[] | undefined, nextToken: string | undefined): SourceAnswer<SourcePage> {
  const isNothing = (users ?? null) === null && (nextToken ?? null) === null;
  if (isNothing) return EMPTY_ANSWER;
  return { ok: true, value: parsePage(users, nextToken) };
}

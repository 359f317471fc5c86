import {
  CognitoIdentityProviderClient,
  DescribeUserPoolCommand,
  ListUsersCommand,
  ListUsersInGroupCommand,
  type UserType,
} from "@aws-sdk/client-cognito-identity-provider";
import { ask, EMPTY_ANSWER } from "./ask.ts";
import { configurationCalls } from "./configuration-calls.ts";
import { parsePage, parsePool } from "./parse.ts";
import { PlainPages } from "./plain-pages.ts";
import type { SourceAnswer, SourcePage, UserSource } from "./source.ts";

const CALL_TIMEOUT_MS = 10_000;

export interface UserPoolAddress {
  region: string;
  userPoolId: string;
  /** 10 seconds unless given. */
  callTimeoutMs?: number;
}

/** Reads one user pool. Credentials and endpoint are found by the AWS SDK itself, in its usual order. */
export function createUserSource({
  region,
  userPoolId,
  callTimeoutMs = CALL_TIMEOUT_MS,
}: UserPoolAddress): UserSource {
  const client = new CognitoIdentityProviderClient({
    region,
    protocol: PlainPages,
    // Pace and back-off belong to the caller, across all workers.
    maxAttempts: 1,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: callTimeoutMs,
      requestTimeout: callTimeoutMs,
      // An answer that stalls after its headers is not under the request's timeout.
      socketTimeout: callTimeoutMs,
      // Without it the SDK only logs a warning.
      throwOnRequestTimeout: true,
    },
  });
  // It copies every answer, people and all, for a logger that nobody sets.
  client.middlewareStack.remove("loggerMiddleware");
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

    async listUsersInGroup(group, token, limit) {
      const input = { ...pool, GroupName: group, Limit: limit, ...(token !== null && { NextToken: token }) };
      const answer = await ask(() => client.send(new ListUsersInGroupCommand(input)), token !== null);
      return answer.ok ? pageOf(answer.value.Users, answer.value.NextToken) : answer;
    },

    ...configurationCalls(client, pool),

    close: () => client.destroy(),
  };
}

/** Cognito ends a list with a page that has users, or says it has none: nothing at all is not its answer. */
function pageOf(users: UserType[] | undefined, nextToken: string | undefined): SourceAnswer<SourcePage> {
  const isNothing = (users ?? null) === null && (nextToken ?? null) === null;
  if (isNothing) return EMPTY_ANSWER;
  return { ok: true, value: parsePage(users, nextToken) };
}

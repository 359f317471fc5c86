import {
  CognitoIdentityProviderClient,
  ListUserPoolsCommand,
  type UserPoolDescriptionType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { ConfigurationPage } from "../domain/pool.ts";
import { ask } from "./ask.ts";
import { pageOf } from "./configuration-calls.ts";
import { createSdkClient } from "./sdk-client.ts";
import type { SourceAnswer } from "./source.ts";

/** Whoever is to name a pool sees which ones there are. No run asks this. */

const CALL_TIMEOUT_MS = 10_000;
/** The most that Cognito's service model lets a page have. */
const PAGE_LIMIT = 60;

export interface ListedPool {
  id: string;
  name: string;
}

export interface PoolList {
  /** One call, without retries of its own. */
  list(token: string | null): Promise<SourceAnswer<ConfigurationPage<ListedPool>>>;
  close(): void;
}

/** The pools of one region, as far as the credentials see them. */
export function createPoolList(region: string): PoolList {
  const client = createSdkClient({ region, callTimeoutMs: CALL_TIMEOUT_MS });
  return {
    async list(token) {
      const input = { MaxResults: PAGE_LIMIT, ...(token === null ? {} : { NextToken: token }) };
      const answer = await ask(() => client.send(new ListUserPoolsCommand(input)), token !== null);
      return answer.ok ? pageOf(answer.value.UserPools, answer.value.NextToken, parseListed) : answer;
    },
    close: () => client.destroy(),
  };
}

function parseListed({ Id, Name }: UserPoolDescriptionType): ListedPool | null {
  return Id ? { id: Id, name: Name ?? "" } : null;
}

/** As the AWS SDK finds it: AWS_REGION, or the profile's. Null where neither names one. */
export async function regionOfEnvironment(): Promise<string | null> {
  const client = new CognitoIdentityProviderClient({});
  try {
    return await client.config.region();
  } catch {
    // "Region is missing"; a profile that cannot be read is told by the calls.
    return null;
  } finally {
    client.destroy();
  }
}

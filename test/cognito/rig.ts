import { devNull } from "node:os";
import { onTestFinished, vi } from "vitest";
import type { SourceAnswer, SourcePage, UserSource } from "../../src/cognito/source.ts";
import { createUserSource } from "../../src/cognito/user-pool.ts";
import type { ConfigurationPage, SourceUser } from "../../src/domain/pool.ts";
import { type CognitoDouble, type CognitoWish, startCognitoDouble } from "../doubles/cognito/double.ts";

export interface Rig {
  double: CognitoDouble;
  source: UserSource;
}

export type RigWish = CognitoWish & { region?: string; userPoolId?: string; callTimeoutMs?: number };

/** A double without quotas and a source that reads it through the real SDK; both end with the test. */
export async function startRig(wish: RigWish): Promise<Rig> {
  const { region = wish.pool.region, userPoolId = wish.pool.poolId, callTimeoutMs = 5_000 } = wish;
  const double = await startCognitoDouble({ ...wish, options: { unlimited: true, ...wish.options } });
  stubAws({ AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: double.url });
  const source = createUserSource({ region, userPoolId, callTimeoutMs });
  onTestFinished(async () => {
    source.close();
    await double.close();
  });
  return { double, source };
}

/** Lets the SDK see the variables given and nothing of the machine it runs on. */
export function stubAws(variables: Record<string, string | undefined>): void {
  const environment: Record<string, string | undefined> = {
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: undefined,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: undefined,
    AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
    AWS_EC2_METADATA_DISABLED: "true",
    ...variables,
  };
  for (const name in environment) vi.stubEnv(name, environment[name]);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

export type ListPage<Page> = (token: string | null) => Promise<SourceAnswer<Page>>;

/** Follows a chain of users to its end; throws for an answer that is none. */
export async function walk(
  listPage: ListPage<SourcePage>,
): Promise<{ users: SourceUser[]; pages: SourcePage[] }> {
  const pages = await pagesOf(listPage);
  return { users: pages.flatMap((page) => page.users), pages };
}

/** The same for lists of the configuration. */
export async function walkItems<T>(listPage: ListPage<ConfigurationPage<T>>): Promise<T[]> {
  return (await pagesOf(listPage)).flatMap(({ items }) => items);
}

async function pagesOf<Page extends { nextToken: string | null }>(listPage: ListPage<Page>): Promise<Page[]> {
  const pages: Page[] = [];
  for (let token: string | null | undefined = null; token !== undefined; ) {
    const page: Page = await answered(listPage(token));
    pages.push(page);
    token = page.nextToken ?? undefined;
  }
  return pages;
}

/** Throws for an answer that is none. */
export async function answered<T>(call: Promise<SourceAnswer<T>>): Promise<T> {
  const answer = await call;
  if (!answer.ok) throw new Error(`The call was answered with ${answer.problem}.`);
  return answer.value;
}

export interface RawCall {
  operation: string;
  body: unknown;
  /** Null takes a header away. */
  headers?: Record<string, string | null>;
}

export interface RawAnswer {
  status: number;
  type: string | undefined;
  body: Record<string, unknown>;
}

/** A call past the SDK, for what the SDK would not send. Its signature has the right form only. */
export async function callRaw(url: string, { operation, body, headers = {} }: RawCall): Promise<RawAnswer> {
  const all = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
    "x-amz-date": "20260601T000000Z",
    authorization: authorizationFor({}),
    ...headers,
  };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  const response = await fetch(url, { method: "POST", headers: sent, body: JSON.stringify(body) });
  // The double answers JSON objects only.
  const answer = (await response.json()) as Record<string, unknown>;
  const type = answer.__type;
  return { status: response.status, type: typeof type === "string" ? type : undefined, body: answer };
}

export function authorizationFor({ region = "eu-west-1", service = "cognito-idp" }): string {
  const scope = `AKIDEXAMPLE/20260601/${region}/${service}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host;x-amz-date, Signature=${"0".repeat(64)}`;
}

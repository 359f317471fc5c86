import { createHash } from "node:crypto";
import type { UserPoolType, UserType } from "@aws-sdk/client-cognito-identity-provider";
import { partition } from "@aws-sdk/core/client";
import type { PoolShape, SourceUser } from "../domain/pool.ts";
import { hasNoSub, standInForSub } from "../plan/normalize.ts";
import { parseIdentities } from "./identities.ts";
import type { SourcePage } from "./source.ts";

/** From Cognito's rows into ours. Its model requires no member, so what is absent is read the careful way. */

export function parsePage(rows: readonly UserType[] | undefined, nextToken: string | undefined): SourcePage {
  return { users: (rows ?? []).map(parseUser), nextToken: nextToken ?? null };
}

export function parseUser(row: UserType): SourceUser {
  const attributes = attributesOf(row);
  const sub = subOf(row, attributes.sub ?? "");
  const createdAtMs = row.UserCreateDate?.getTime() ?? 0;
  return {
    sub,
    username: row.Username ?? sub,
    attributes,
    status: row.UserStatus ?? "UNKNOWN",
    // Whoever is not said to be enabled must not become active elsewhere.
    enabled: row.Enabled === true,
    createdAtMs,
    modifiedAtMs: row.UserLastModifiedDate?.getTime() ?? createdAtMs,
    ...parseIdentities(attributes.identities),
  };
}

const SUB = /^[\x21-\x7e]{1,128}$/;

/** A row without a usable sub is kept as well, under a name that every page gives it and that tells nobody's username. */
function subOf(row: UserType, sub: string): string {
  if (SUB.test(sub) && !hasNoSub(sub)) return sub;
  const digest = createHash("sha256").update(row.Username || JSON.stringify(row));
  return standInForSub(digest.digest("hex").slice(0, 32));
}

function attributesOf(row: UserType): Record<string, string> {
  const attributes: Record<string, string> = {};
  for (const { Name, Value } of row.Attributes ?? [])
    if (typeof Name === "string") attributes[Name] = Value ?? "";
  return attributes;
}

export function parsePool(pool: UserPoolType, poolId: string): PoolShape {
  return {
    poolId,
    accountId: accountOf(pool.Arn),
    name: pool.Name ?? "",
    issuer: issuerOf(pool, poolId),
    estimatedUsers: pool.EstimatedNumberOfUsers ?? 0,
    usernameAttributes: pool.UsernameAttributes ?? [],
    aliasAttributes: pool.AliasAttributes ?? [],
    // Case-sensitive is the API's default, and pools made before February 2020 know nothing else.
    caseSensitiveUsernames: pool.UsernameConfiguration?.CaseSensitive ?? true,
    mfa: pool.MfaConfiguration ?? "OFF",
    attributeNames: (pool.SchemaAttributes ?? []).flatMap(({ Name }) => Name ?? []),
    triggers: triggersOf(pool),
    domain: pool.Domain || null,
    customDomain: pool.CustomDomain || null,
  };
}

/** `arn:<partition>:cognito-idp:<region>:<account>:userpool/<id>` */
function accountOf(arn: string | undefined): string | null {
  const account = arn?.split(":")[4];
  return account !== undefined && /^\d{12}$/.test(account) ? account : null;
}

/** API reference, `IssuerConfigurationType`; the domain is the one of the AWS partition that the region is in. */
function issuerOf({ IssuerConfiguration }: UserPoolType, poolId: string): string {
  const [region = ""] = poolId.split("_", 1);
  const host = IssuerConfiguration?.Type === "UPDATED" ? "issuer-cognito-idp" : "cognito-idp";
  return `https://${host}.${region}.${partition(region).dnsSuffix}/${poolId}`;
}

function triggersOf(pool: UserPoolType): string[] {
  return Object.entries(pool.LambdaConfig ?? {})
    .filter(([key, value]) => key !== "KMSKeyID" && value !== undefined && value !== null)
    .map(([key]) => key);
}

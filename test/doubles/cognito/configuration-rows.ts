import type { Pool, PoolClient, PoolGroup, PoolProvider, PoolResourceServer } from "../pool/pool.ts";
import { ACCOUNT_ID, seconds } from "./rows.ts";

/** The double's answers about a pool's set-up, in AWS's words. */

const dates = (pool: Pick<Pool, "createdAtMs">) => ({
  CreationDate: seconds(pool.createdAtMs),
  LastModifiedDate: seconds(pool.createdAtMs),
});

/** Pools of one account look alike but for their names. */
export function renderPoolEntry(
  { poolId, name }: Pick<Pool, "poolId" | "name">,
  { lambdaConfig, ...pool }: Pool,
) {
  return { Id: poolId, Name: name, LambdaConfig: lambdaConfig, ...dates(pool) };
}

export function renderGroup({ name, description, precedence }: PoolGroup, pool: Pool) {
  return {
    GroupName: name,
    UserPoolId: pool.poolId,
    Description: description,
    ...(precedence !== null && { Precedence: precedence }),
    ...dates(pool),
  };
}

export function renderProviderEntry({ name, type }: PoolProvider, pool: Pool) {
  return { ProviderName: name, ProviderType: type, ...dates(pool) };
}

export function renderProvider(provider: PoolProvider, pool: Pool) {
  return {
    UserPoolId: pool.poolId,
    ...renderProviderEntry(provider, pool),
    ProviderDetails: provider.details,
    AttributeMapping: provider.attributeMapping,
    IdpIdentifiers: provider.identifiers,
  };
}

export function renderClientEntry({ id, name }: PoolClient, pool: Pool) {
  return { ClientId: id, UserPoolId: pool.poolId, ClientName: name };
}

/** Cognito leaves out what is not set. */
export function renderClient(client: PoolClient, pool: Pool) {
  const listed = <T>(name: string, list: readonly T[] | null) =>
    list !== null && list.length > 0 && { [name]: list };
  return {
    ...renderClientEntry(client, pool),
    ...(client.secret !== null && { ClientSecret: client.secret }),
    ...dates(pool),
    RefreshTokenValidity: 30,
    TokenValidityUnits: {},
    ...listed("ReadAttributes", client.readAttributes ?? null),
    ...listed("WriteAttributes", client.writeAttributes),
    ...listed("ExplicitAuthFlows", client.signInFlows),
    ...listed("SupportedIdentityProviders", client.providers),
    ...listed("CallbackURLs", client.callbackUrls),
    ...listed("LogoutURLs", client.logoutUrls),
    ...(client.defaultRedirectUri !== null && { DefaultRedirectURI: client.defaultRedirectUri }),
    ...listed("AllowedOAuthFlows", client.flows),
    ...listed("AllowedOAuthScopes", client.scopes),
    AllowedOAuthFlowsUserPoolClient: client.usesOAuth,
    PreventUserExistenceErrors: client.preventUserExistenceErrors ?? "ENABLED",
    EnableTokenRevocation: true,
    EnablePropagateAdditionalUserContextData: client.takesAddress ?? false,
    AuthSessionValidity: 3,
  };
}

export function renderResourceServer({ identifier, name, scopes }: PoolResourceServer, pool: Pool) {
  return {
    UserPoolId: pool.poolId,
    Identifier: identifier,
    Name: name,
    Scopes: scopes.map((scope) => ({ ScopeName: scope.name, ScopeDescription: scope.description })),
  };
}

export function renderDomain(domain: string, pool: Pool) {
  const certificate = `arn:aws:acm:us-east-1:${ACCOUNT_ID}:certificate/5d1e0c6a-0f3b-4b8e-9a57-2c4d6e8f0a1b`;
  return {
    UserPoolId: pool.poolId,
    AWSAccountId: ACCOUNT_ID,
    Domain: domain,
    S3Bucket: `aws-cognito-prod-${pool.region}-assets`,
    CloudFrontDistribution: "d1example2345.cloudfront.net",
    Version: "20170601000000",
    Status: "ACTIVE",
    ManagedLoginVersion: 1,
    ...(domain === pool.customDomain && { CustomDomainConfig: { CertificateArn: certificate } }),
  };
}

export function renderMfa({ mfa }: Pool) {
  return {
    ...(mfa !== "OFF" && { SoftwareTokenMfaConfiguration: { Enabled: true } }),
    MfaConfiguration: mfa,
  };
}

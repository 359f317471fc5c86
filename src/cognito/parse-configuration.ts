import type {
  GroupType,
  IdentityProviderType,
  ResourceServerType,
  UserPoolClientType,
} from "@aws-sdk/client-cognito-identity-provider";
import type { AppClient, IdentityProvider, PoolGroup, ResourceServer, SamlProvider } from "../domain/pool.ts";
import { Secret } from "../domain/secret.ts";
import { readSamlMetadata } from "./saml-metadata.ts";

/** From Cognito's set-up into ours. Its model requires no member; secrets are wrapped here and never seen bare again. */

/** Null for a row without a name. */
export function parseGroup(row: GroupType): PoolGroup | null {
  if (!row.GroupName) return null;
  return { name: row.GroupName, description: row.Description ?? "", precedence: row.Precedence ?? null };
}

/** `name` is the one it was asked for by. */
export function parseIdentityProvider(row: IdentityProviderType, name: string): IdentityProvider {
  const details = row.ProviderDetails ?? {};
  const type = row.ProviderType ?? "UNKNOWN";
  return {
    name: row.ProviderName ?? name,
    type,
    clientId: details.client_id || null,
    clientSecret: secretOf(details.client_secret),
    // Cognito gives Google's and Apple's own too, which nobody chose.
    issuer: type === "OIDC" ? details.oidc_issuer || null : null,
    scopes: details.authorize_scopes ?? "",
    saml: type === "SAML" ? samlOf(details) : null,
    attributeMapping: row.AttributeMapping ?? {},
    identifiers: row.IdpIdentifiers ?? [],
  };
}

function samlOf(details: Readonly<Record<string, string>>): SamlProvider {
  const metadataFile = details.MetadataFile || null;
  const { redirectUrl, entityId, signingCertificates } = readSamlMetadata(metadataFile ?? "");
  return {
    metadataUrl: details.MetadataURL || null,
    metadataFile,
    ssoUrl: details.SSORedirectBindingURI || redirectUrl,
    entityId,
    signingCertificates,
  };
}

/** `id` is the one it was asked for by. */
export function parseAppClient(row: UserPoolClientType, id: string): AppClient {
  // Without it, Cognito keeps flows and scopes that it does not serve.
  const usesOAuth = row.AllowedOAuthFlowsUserPoolClient === true;
  return {
    id: row.ClientId ?? id,
    name: row.ClientName ?? id,
    secret: secretOf(row.ClientSecret),
    callbackUrls: row.CallbackURLs ?? [],
    logoutUrls: row.LogoutURLs ?? [],
    defaultRedirectUri: row.DefaultRedirectURI || null,
    flows: usesOAuth ? (row.AllowedOAuthFlows ?? []) : [],
    scopes: usesOAuth ? (row.AllowedOAuthScopes ?? []) : [],
    providers: row.SupportedIdentityProviders ?? [],
    signInFlows: row.ExplicitAuthFlows ?? [],
    writeAttributes: writeAttributesOf(row),
  };
}

/** An empty list is taken for the default as well: that is the one that lets users set more. */
function writeAttributesOf({ WriteAttributes: names }: UserPoolClientType): string[] | null {
  return names === undefined || names.length === 0 ? null : names;
}

/** Null for a row without an identifier. */
export function parseResourceServer(row: ResourceServerType): ResourceServer | null {
  if (!row.Identifier) return null;
  const scopes = (row.Scopes ?? []).flatMap(({ ScopeName }) => ScopeName ?? []);
  return { identifier: row.Identifier, name: row.Name ?? row.Identifier, scopes };
}

function secretOf(value: string | undefined): Secret | null {
  return value ? new Secret(value) : null;
}

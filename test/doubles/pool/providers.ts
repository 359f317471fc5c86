import type { PoolProvider } from "./pool.ts";
import type { Secrets } from "./secrets.ts";

/** Identity providers of every type; details as the SDK's documentation of DescribeIdentityProvider shows them. */

const MICROSOFT_ISSUER = "https://login.microsoftonline.com/4a7c1e02-6b1f-4c58-9d3e-5f0a2b9c8d71/v2.0";

export function makeProviders(secrets: Secrets): PoolProvider[] {
  return [
    google(secrets),
    oidc("CorpOIDC", "https://login.corp.example", ["corp.example"], secrets),
    oidc("Microsoft", MICROSOFT_ISSUER, [], secrets),
    acmeSaml(),
    facebook(secrets),
    amazon(secrets),
    apple(),
  ];
}

function google(secrets: Secrets): PoolProvider {
  return {
    name: "Google",
    type: "Google",
    details: {
      attributes_url: "https://people.googleapis.com/v1/people/me?personFields=",
      attributes_url_add_attributes: "true",
      authorize_scopes: "email profile openid",
      authorize_url: "https://accounts.google.com/o/oauth2/v2/auth",
      client_id: "207341950618-customers.apps.googleusercontent.com",
      client_secret: secrets.providerSecret(),
      oidc_issuer: "https://accounts.google.com",
      token_request_method: "POST",
      token_url: "https://www.googleapis.com/oauth2/v4/token",
    },
    attributeMapping: {
      username: "sub",
      email: "email",
      email_verified: "email_verified",
      given_name: "given_name",
      family_name: "family_name",
    },
    identifiers: [],
  };
}

function oidc(name: string, issuer: string, identifiers: string[], secrets: Secrets): PoolProvider {
  return {
    name,
    type: "OIDC",
    details: {
      attributes_request_method: "GET",
      attributes_url: `${issuer}/userinfo`,
      attributes_url_add_attributes: "false",
      authorize_scopes: "openid email profile",
      authorize_url: `${issuer}/authorize`,
      client_id: `customers-${name.toLowerCase()}`,
      client_secret: secrets.providerSecret(),
      jwks_uri: `${issuer}/keys`,
      oidc_issuer: issuer,
      token_url: `${issuer}/token`,
    },
    attributeMapping: { username: "sub", email: "email", name: "name" },
    identifiers,
  };
}

const CLAIMS = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims";

function acmeSaml(): PoolProvider {
  return {
    name: "AcmeSAML",
    type: "SAML",
    details: {
      ActiveEncryptionCertificate: "MIICvTCCAaWgAwIBAgIJAKz5customers",
      EncryptedResponses: "false",
      IDPInit: "false",
      IDPSignout: "true",
      MetadataURL: "https://idp.acme.example/saml/metadata",
      RequestSigningAlgorithm: "rsa-sha256",
      SLORedirectBindingURI: "https://idp.acme.example/saml/logout",
      SSORedirectBindingURI: "https://idp.acme.example/saml/sign-in",
    },
    attributeMapping: {
      email: `${CLAIMS}/emailaddress`,
      given_name: `${CLAIMS}/givenname`,
      family_name: `${CLAIMS}/surname`,
    },
    identifiers: ["acme.example", "acme.example.org"],
  };
}

function facebook(secrets: Secrets): PoolProvider {
  return {
    name: "Facebook",
    type: "Facebook",
    details: {
      api_version: "v17.0",
      attributes_url: "https://graph.facebook.com/v17.0/me?fields=",
      attributes_url_add_attributes: "true",
      authorize_scopes: "public_profile, email",
      authorize_url: "https://www.facebook.com/v17.0/dialog/oauth",
      client_id: "318264095571820",
      client_secret: secrets.providerSecret(),
      token_request_method: "GET",
      token_url: "https://graph.facebook.com/v17.0/oauth/access_token",
    },
    attributeMapping: { username: "id", email: "email", given_name: "first_name", family_name: "last_name" },
    identifiers: [],
  };
}

function amazon(secrets: Secrets): PoolProvider {
  return {
    name: "LoginWithAmazon",
    type: "LoginWithAmazon",
    details: {
      attributes_url: "https://api.amazon.com/user/profile",
      attributes_url_add_attributes: "false",
      authorize_scopes: "profile postal_code",
      authorize_url: "https://www.amazon.com/ap/oa",
      client_id: "amzn1.application-oa2-client.7c2d91e5b04f4a83",
      client_secret: secrets.providerSecret(),
      token_request_method: "POST",
      token_url: "https://api.amazon.com/auth/o2/token",
    },
    attributeMapping: { username: "user_id", email: "email", name: "name" },
    identifiers: [],
  };
}

/** Cognito keeps Apple's private key to itself. */
function apple(): PoolProvider {
  return {
    name: "SignInWithApple",
    type: "SignInWithApple",
    details: {
      attributes_url_add_attributes: "false",
      authorize_scopes: "email name",
      authorize_url: "https://appleid.apple.com/auth/authorize",
      client_id: "com.example.customers",
      key_id: "8QK4T2M9ZX",
      oidc_issuer: "https://appleid.apple.com",
      team_id: "5R7W1N3YHD",
      token_request_method: "POST",
      token_url: "https://appleid.apple.com/auth/token",
    },
    attributeMapping: { username: "sub", email: "email", given_name: "firstName", family_name: "lastName" },
    identifiers: [],
  };
}

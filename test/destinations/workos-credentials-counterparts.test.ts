import { expect, test } from "vitest";
import type { IdentityProvider } from "../../src/domain/pool.ts";
import { setUp } from "./workos-setup.ts";

function providerOf(fields: Partial<IdentityProvider>): IdentityProvider {
  return {
    name: "Provider",
    type: "OIDC",
    clientId: "client",
    clientSecret: null,
    issuer: null,
    scopes: "openid email",
    saml: null,
    attributeMapping: {},
    identifiers: [],
    ...fields,
  };
}

const MICROSOFT = "https://login.microsoftonline.com";

test.each([
  { type: "Google", issuer: null, provider: "GoogleOAuth", title: "Google" },
  { type: "OIDC", issuer: "https://accounts.google.com", provider: "GoogleOAuth", title: "Google" },
  { type: "SignInWithApple", issuer: null, provider: "AppleOAuth", title: "Apple" },
  { type: "OIDC", issuer: `${MICROSOFT}/common/v2.0`, provider: "MicrosoftOAuth", title: "Microsoft" },
  { type: "OIDC", issuer: `${MICROSOFT}/organizations/v2.0`, provider: "MicrosoftOAuth", title: "Microsoft" },
  { type: "OIDC", issuer: `${MICROSOFT}/consumers/v2.0`, provider: "MicrosoftOAuth", title: "Microsoft" },
])("$type of $issuer is set up in the dashboard", async ({ type, issuer, provider, title }) => {
  const { workos } = await setUp();
  expect(workos.counterpartOf(providerOf({ type, issuer }))).toEqual({
    kind: "dashboard",
    provider,
    page: `https://dashboard.workos.com/ → Authentication → Providers → ${title}`,
    redirectUri: `the redirect URI that WorkOS shows under Authentication → Providers → ${title}`,
    consoleHint: expect.stringMatching(/^Add it beside those that are there: .+\.$/),
  });
});

test.each([
  { type: "SAML", issuer: null },
  { type: "OIDC", issuer: "https://example.okta.com" },
  { type: "OIDC", issuer: `${MICROSOFT}/0b4d1a52-9f0c-4f6e-8a53-6f0c5d3c1e11/v2.0` },
  { type: "OIDC", issuer: `${MICROSOFT}.example.com/common` },
  { type: "OIDC", issuer: "https://accounts.google.com.example.com" },
  { type: "OIDC", issuer: "not an address" },
  { type: "OIDC", issuer: null },
])("$type of $issuer becomes a connection", async ({ type, issuer }) => {
  const { workos } = await setUp();
  expect(workos.counterpartOf(providerOf({ type, issuer }))).toEqual({ kind: "connection" });
});

test.each(["Facebook", "LoginWithAmazon", "SomethingNew"])("%s has no counterpart", async (type) => {
  const { workos } = await setUp();
  expect(workos.counterpartOf(providerOf({ type }))).toEqual({
    kind: "none",
    instead: expect.stringContaining("sign in by e-mail"),
  });
});

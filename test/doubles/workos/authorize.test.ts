import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { startCalled } from "./double-setup.ts";
import type { GivenOptions } from "./options.ts";

const CALLBACK = "https://app.example.com/callback?tab=1";

/** A registered redirect URI and an organization; `authorize` calls without a key. */
async function start(options: GivenOptions = {}) {
  const called = await startCalled(options);
  const { double, call } = called;
  await call("POST", "/user_management/redirect_uris", { uri: CALLBACK });
  const organization_id: string = (await call("POST", "/organizations", { name: "Foo" })).body.id;
  const authorize = async (
    changes: Record<string, string>,
    path = "/user_management/authorize",
  ): Promise<{ [field: string]: unknown; SAMLRequest?: string }> => {
    const defaults = { client_id: double.clientId, redirect_uri: CALLBACK, response_type: "code" };
    const query = new URLSearchParams({ ...defaults, ...changes });
    const answer = await fetch(`${double.url}${path}?${query}`, { redirect: "manual" });
    const location = answer.headers.get("location");
    if (answer.status !== 302 || location === null)
      return { status: answer.status, body: await answer.json() };
    const url = new URL(location);
    return { at: `${url.origin}${url.pathname}`, ...Object.fromEntries(url.searchParams) };
  };
  return { ...called, organization_id, authorize };
}

test.each([
  { provider: "GoogleOAuth", at: "https://accounts.google.com/o/oauth2/v2/auth" },
  { provider: "MicrosoftOAuth", at: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize" },
  { provider: "GitHubOAuth", at: "https://github.com/login/oauth/authorize" },
  { provider: "AppleOAuth", at: "https://appleid.apple.com/auth/authorize" },
] as const)("a configured $provider leads to its own page", async ({ provider, at }) => {
  const { double, authorize } = await start();
  double.configureProvider({ provider, clientId: "its-client" });
  for (const path of ["/user_management/authorize", "/sso/authorize"])
    expect(await authorize({ provider, state: "mine" }, path)).toMatchObject({
      at,
      client_id: "its-client",
      redirect_uri: expect.stringMatching(
        /^https:\/\/auth\.workos\.com\/sso\/oauth\/[a-z]+\/double\/callback$/,
      ),
      response_type: "code",
      scope: expect.any(String),
      state: expect.not.stringMatching("mine"),
    });
});

test("what the dashboard lacks or has wrong comes back as an error", async () => {
  const { double, authorize, calls } = await start();
  const answer = () => authorize({ provider: "GoogleOAuth", state: "mine" });
  const back = { at: "https://app.example.com/callback", tab: "1", state: "mine" };
  expect(await answer()).toMatchObject({ ...back, error: "connection_invalid" });
  double.configureProvider({ provider: "GoogleOAuth", clientId: "wrong", error: "invalid_client" });
  expect(await answer()).toMatchObject({ ...back, error: "invalid_client" });
  double.configureProvider({ provider: "GoogleOAuth", clientId: "right", clientSecret: "hush" });
  expect(await answer()).toMatchObject({ client_id: "right" });
  expect(double.state().providers).toMatchObject([{ provider: "GoogleOAuth", clientSecret: "hush" }]);
  double.configureProvider({ provider: "GoogleOAuth", clientId: null });
  expect(await answer()).toMatchObject({ error: "connection_invalid" });
  expect(calls().slice(2)).toEqual([
    "authorize GoogleOAuth 302",
    "dashboard GoogleOAuth 200",
    "authorize GoogleOAuth 302",
    "dashboard GoogleOAuth 200",
    "authorize GoogleOAuth 302",
    "dashboard GoogleOAuth 200",
    "authorize GoogleOAuth 302",
  ]);
});

test("providers are configured from another process", async () => {
  const { double, authorize } = await start();
  const configure = async (body: object) => {
    const url = `${double.url}/__double/dashboard/providers`;
    return (await fetch(url, { method: "POST", body: JSON.stringify(body) })).status;
  };
  expect(await configure({ provider: "GitHubOAuth", clientId: "abc" })).toBe(200);
  expect(await configure({ provider: "FacebookOAuth", clientId: "abc" })).toBe(400);
  expect(await authorize({ provider: "GitHubOAuth" })).toMatchObject({ client_id: "abc" });
});

test("an OpenID connection leads to its provider", async () => {
  const { double, call, authorize, organization_id } = await start();
  const discovery_endpoint = "https://idp.example/x/.well-known/openid-configuration";
  const oidc_options = { discovery_endpoint, client_id: "abc", client_secret: "hush" };
  const { body } = await call("POST", "/connections", { organization_id, name: "Foo", oidc_options });
  const expected = { at: "https://idp.example/x/authorize", client_id: "abc", response_type: "code" };
  expect(await authorize({ connection_id: body.id })).toMatchObject(expected);
  expect(await authorize({ connection: body.id }, "/sso/authorize")).toMatchObject(expected);
  expect(await authorize({ organization_id })).toMatchObject(expected);
  expect(await authorize({ organization: organization_id }, "/sso/authorize")).toMatchObject(expected);
  double.setOptions({ oidcAuthorizeUrls: { [discovery_endpoint]: "https://idp.example/go" } });
  expect(await authorize({ connection_id: body.id })).toMatchObject({ at: "https://idp.example/go" });
});

test("a SAML connection leads to its SSO URL with a request", async () => {
  const { double, call, authorize, organization_id } = await start();
  const PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
  const saml_options = {
    idp_sso_url: "https://idp.example/sso?app=1&x=2",
    idp_signing_certs: [PEM],
    acs_url: "https://proxy.example/saml2/idpresponse",
    sp_entity_id: "urn:amazon:cognito:sp:eu-west-1_abc",
  };
  const { body } = await call("POST", "/connections", { organization_id, name: "Foo", saml_options });
  const { SAMLRequest = "", ...page } = await authorize({ connection_id: body.id });
  expect(page).toMatchObject({ at: "https://idp.example/sso", app: "1", RelayState: expect.any(String) });
  const request = inflateRawSync(Buffer.from(SAMLRequest, "base64")).toString();
  expect(request).toContain('Destination="https://idp.example/sso?app=1&amp;x=2"');
  expect(request).toContain('AssertionConsumerServiceURL="https://proxy.example/saml2/idpresponse"');
  expect(request).toContain("<saml:Issuer>urn:amazon:cognito:sp:eu-west-1_abc</saml:Issuer>");

  const idp_metadata_url = "https://idp.example/metadata";
  const byMetadata = await call("POST", "/connections", {
    organization_id,
    name: "Bar",
    saml_options: { idp_metadata_url },
  });
  const connection_id: string = byMetadata.body.id;
  expect(await authorize({ connection_id })).toMatchObject({ error: "server_error" });
  double.setOptions({ samlMetadata: { [idp_metadata_url]: "https://idp.example/other" } });
  const { SAMLRequest: other = "" } = await authorize({ connection_id });
  expect(inflateRawSync(Buffer.from(other, "base64")).toString()).toContain(
    `<saml:Issuer>https://auth.workos.com/${connection_id}</saml:Issuer>`,
  );
});

test("a selector must name one connection that is set up", async () => {
  const { double, authorize, organization_id } = await start();
  const error = async (changes: Record<string, string>) => (await authorize(changes)).error;
  expect(await error({})).toBe("invalid_connection_selector");
  expect(await error({ provider: "GoogleOAuth", organization_id })).toBe("invalid_connection_selector");
  expect(await error({ connection_id: "conn_none" })).toBe("connection_invalid");
  expect(await error({ organization_id })).toBe("organization_invalid");
  double.addConnection({ organization_id, name: "A", state: "draft" });
  expect(await error({ organization_id })).toBe("connection_unlinked");
  double.addConnection({ organization_id, name: "B", state: "draft" });
  expect(await error({ organization_id })).toBe("ambiguous_connection_selector");
});

test.each([
  { changes: { client_id: "client_other" }, error: "invalid_client" },
  { changes: { redirect_uri: "https://app.example.com/callback" }, error: "invalid_redirect_uri" },
  { changes: { response_type: "token" }, error: "invalid_request" },
  { changes: { provider: "FacebookOAuth" }, error: "invalid_request" },
  { changes: { colour: "blue" }, error: "invalid_request" },
])("answers $error to $changes", async ({ changes, error }) => {
  const { authorize } = await start();
  expect(await authorize({ provider: "authkit", ...changes })).toMatchObject({
    status: 400,
    body: { error, error_description: expect.any(String) },
  });
});

test("sign-ins count for no limit and need no right", async () => {
  const { double, authorize } = await start({ limitScale: 2 / 500 });
  double.setOptions({ forbidden: true });
  for (let n = 0; n < 10; n += 1)
    expect(await authorize({ provider: "authkit" })).toMatchObject({ client_id: double.clientId });
});

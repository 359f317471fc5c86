import { expect, test } from "vitest";
import {
  parseAppClient,
  parseGroup,
  parseIdentityProvider,
  parseResourceServer,
} from "../../src/cognito/parse-configuration.ts";

test("a group of nothing but a name is read carefully", () => {
  expect(parseGroup({ GroupName: "admins" })).toEqual({ name: "admins", description: "", precedence: null });
});

test("a precedence of 0 is one", () => {
  expect(parseGroup({ GroupName: "admins", Precedence: 0 })?.precedence).toBe(0);
});

test.each([{}, { GroupName: "" }, { GroupName: undefined }])("a group without a name is none: %j", (row) => {
  expect(parseGroup(row)).toBeNull();
});

test("a provider of nothing is read carefully", () => {
  expect(parseIdentityProvider({}, "Asked")).toEqual({
    name: "Asked",
    type: "UNKNOWN",
    clientId: null,
    clientSecret: null,
    issuer: null,
    scopes: "",
    saml: null,
    attributeMapping: {},
    identifiers: [],
  });
});

test("an empty client secret is none", () => {
  const row = { ProviderDetails: { client_id: "", client_secret: "" } };
  expect(parseIdentityProvider(row, "Google")).toMatchObject({ clientId: null, clientSecret: null });
});

test.each([
  ["OIDC", "https://issuer.example"],
  ["Google", null],
  ["SignInWithApple", null],
] as const)("the issuer of a provider of type %s is %s", (ProviderType, issuer) => {
  const row = { ProviderType, ProviderDetails: { oidc_issuer: "https://issuer.example" } };
  expect(parseIdentityProvider(row, "Some").issuer).toBe(issuer);
});

const metadata = (location: string) =>
  `<EntityDescriptor entityID="https://idp.example"><IDPSSODescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${location}"/></IDPSSODescriptor></EntityDescriptor>`;

test("a SAML provider's own address goes before that of its document", () => {
  const MetadataFile = metadata("https://document.example");
  const ProviderDetails = { MetadataFile, SSORedirectBindingURI: "https://own.example" };
  const { saml } = parseIdentityProvider({ ProviderType: "SAML", ProviderDetails }, "Acme");
  expect(saml).toEqual({
    metadataUrl: null,
    metadataFile: MetadataFile,
    ssoUrl: "https://own.example",
    entityId: "https://idp.example",
    signingCertificates: [],
  });
});

test("a SAML provider's address is found in its document", () => {
  const ProviderDetails = { MetadataFile: metadata("https://document.example") };
  const { saml } = parseIdentityProvider({ ProviderType: "SAML", ProviderDetails }, "Acme");
  expect(saml?.ssoUrl).toBe("https://document.example");
});

test("a SAML provider without details is one without addresses", () => {
  const { saml } = parseIdentityProvider({ ProviderType: "SAML" }, "Acme");
  expect(saml).toEqual({
    metadataUrl: null,
    metadataFile: null,
    ssoUrl: null,
    entityId: null,
    signingCertificates: [],
  });
});

test("an app client of nothing is read carefully", () => {
  expect(parseAppClient({}, "asked")).toEqual({
    id: "asked",
    name: "asked",
    secret: null,
    callbackUrls: [],
    logoutUrls: [],
    defaultRedirectUri: null,
    flows: [],
    scopes: [],
    providers: [],
    signInFlows: [],
    writeAttributes: null,
  });
});

test.each([
  [true, ["code"], ["openid"]],
  [false, [], []],
  [undefined, [], []],
])("where OAuth is %s, flows are %j and scopes %j", (AllowedOAuthFlowsUserPoolClient, flows, scopes) => {
  const row = {
    AllowedOAuthFlowsUserPoolClient,
    AllowedOAuthFlows: ["code" as const],
    AllowedOAuthScopes: ["openid"],
  };
  expect(parseAppClient(row, "id")).toMatchObject({ flows, scopes });
});

test.each([
  [undefined, null],
  [[], null],
  [["email"], ["email"]],
])("write attributes of %j are read as %j", (WriteAttributes, expected) => {
  expect(parseAppClient({ WriteAttributes }, "id").writeAttributes).toEqual(expected);
});

test("a resource server of nothing but an identifier is read carefully", () => {
  const server = { identifier: "https://api.example", name: "https://api.example", scopes: [] };
  expect(parseResourceServer({ Identifier: "https://api.example" })).toEqual(server);
});

test("a resource server's scopes are read without its identifier", () => {
  const Scopes = [
    { ScopeName: "read", ScopeDescription: "Read" },
    { ScopeName: undefined, ScopeDescription: "Broken" },
  ];
  expect(parseResourceServer({ Identifier: "api", Name: "API", Scopes })).toEqual({
    identifier: "api",
    name: "API",
    scopes: ["read"],
  });
});

test.each([{}, { Identifier: "" }])("a resource server without an identifier is none: %j", (row) => {
  expect(parseResourceServer(row)).toBeNull();
});

import { deflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import type { ConnectionRecord, ProviderTarget, SamlProtocol } from "../../src/destinations/credentials.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { FaultEffect } from "../doubles/shared/faults.ts";
import { bringHome, startSignInPages } from "./sign-in-pages.ts";
import { setUp } from "./workos-setup.ts";

async function setUpConnections(answers: Parameters<typeof startSignInPages>[0] = {}) {
  const setup = await setUp();
  const { organizations, connections, redirectUris } = setup.workos;
  const pages = await startSignInPages(answers);
  await setup.send(redirectUris, { uri: "https://app.example.com/callback" });
  const acme = { externalId: "acme", name: "Acme", verifiedDomains: [] };
  const owner = await setup.send(organizations, acme);
  if (owner.kind !== "created") throw new Error(owner.kind);
  const connect = async (protocol: ConnectionRecord["protocol"]) => {
    const record = { externalId: "idp", name: "Idp", organizationId: owner.destinationId, protocol };
    const sent = await setup.send(connections, record);
    if (sent.kind !== "created") throw new Error(sent.kind);
    return sent.destinationId;
  };
  const check = (target: ProviderTarget) => connections.check(target);
  return { ...setup, pages, connect, check };
}

const onAuthorize = (effect: FaultEffect) => ({ match: { operation: "authorize" }, times: 1, effect });
const redirectTo = (location: string): FaultEffect => ({
  kind: "status",
  status: 302,
  headers: { location },
});
const wrong = (code: string, found: string | null = null) => ({
  ok: true,
  value: { kind: "wrong", code, found },
});
const VERIFIED = { ok: true, value: { kind: "verified" } };

const oidcAt = (issuer: string) => ({ kind: "oidc", issuer, clientId: "spillway" }) as const;
const discovery = (document: object | string) => ({
  "/.well-known/openid-configuration": () =>
    new Response(typeof document === "string" ? document : JSON.stringify(document)),
});

test("an OIDC provider at its issuer is verified", async () => {
  const { pages, connect, check, double } = await setUpConnections();
  const protocol = oidcAt(pages.url);
  const connectionId = await connect({ ...protocol, clientSecret: new Secret("s") });
  expect(await check({ ...protocol, connectionId })).toEqual(VERIFIED);
  expect(await check({ ...protocol, connectionId, clientId: "other" })).toEqual(
    wrong("wrong_client_id", "spillway"),
  );
  expect(pages.visits.at(-2)).toMatch(/^\/authorize\?client_id=spillway&/);
  expect(double.journal.entries.at(-1)?.query).toContain(`connection_id=${connectionId}`);
});

test("an OIDC provider's page may be at another host by its discovery document", async () => {
  const signIn = await startSignInPages();
  const setup = await setUpConnections(discovery({ authorization_endpoint: `${signIn.url}/login` }));
  const { pages, connect, check, double } = setup;
  const protocol = oidcAt(`${pages.url}/`);
  const connectionId = await connect({ ...protocol, clientSecret: new Secret("s") });
  double.faults.add(onAuthorize(redirectTo(`${signIn.url}/login?client_id=spillway`)));
  expect(await check({ ...protocol, connectionId })).toEqual(VERIFIED);
  expect(pages.visits).toEqual(["/.well-known/openid-configuration"]);
  expect(signIn.visits).toEqual(["/login?client_id=spillway"]);
});

test.each(["not json", {}, { authorization_endpoint: "https://login.example.com/" }])(
  "another host that no document names is wrong: %j",
  async (document) => {
    const { pages, connect, check, double } = await setUpConnections(discovery(document));
    const protocol = oidcAt(pages.url);
    const connectionId = await connect({ ...protocol, clientSecret: new Secret("s") });
    double.faults.add(onAuthorize(redirectTo("https://elsewhere.example.com/?client_id=spillway")));
    expect(await check({ ...protocol, connectionId })).toEqual(wrong("wrong_host", "elsewhere.example.com"));
  },
);

test("a page that anyone could read along with is not visited", async () => {
  const { pages, check, double } = await setUpConnections();
  bringHome(["idp.example.com", "other.example.com"], pages.url);
  const target = { ...oidcAt("http://idp.example.com"), connectionId: "conn_1" };
  double.faults.add(onAuthorize(redirectTo("http://idp.example.com/authorize?client_id=spillway")));
  expect(await check(target)).toEqual(VERIFIED);
  double.faults.add(onAuthorize(redirectTo("http://other.example.com/authorize?client_id=spillway")));
  expect(await check(target)).toEqual(wrong("wrong_host", "other.example.com"));
  expect(pages.visits).toEqual([]);
});

test("a connection that is gone is told", async () => {
  const { pages, check } = await setUpConnections();
  const target = { ...oidcAt(pages.url), connectionId: "conn_gone" };
  expect(await check(target)).toEqual(wrong("not_configured", "connection_invalid"));
});

const SP = "urn:amazon:cognito:sp:eu-central-1_a&b";

async function setUpSaml(spEntityId: string | null, answers: Parameters<typeof startSignInPages>[0] = {}) {
  const setup = await setUpConnections(answers);
  const ssoUrl = `${setup.pages.url}/sso`;
  const manual: SamlProtocol["manual"] = { entityId: "urn:idp", ssoUrl, signingCertificates: ["QUJD"] };
  const connectionId = await setup.connect({
    kind: "saml",
    metadataUrl: null,
    manual,
    spEntityId,
    claims: {},
  });
  const target = { kind: "saml", connectionId, ssoUrl, metadataUrl: null, spEntityId } as const;
  return { ...setup, ssoUrl, target };
}

test.each([null, SP])("a SAML provider is verified with the entity id %s", async (spEntityId) => {
  const { pages, target, check } = await setUpSaml(spEntityId);
  expect(await check(target)).toEqual(VERIFIED);
  expect(pages.visits).toEqual([expect.stringMatching(/^\/sso\?SAMLRequest=/)]);
});

test("another entity id is told", async () => {
  const { pages, target, check } = await setUpSaml(SP);
  expect(await check({ ...target, spEntityId: "urn:theirs" })).toEqual(wrong("wrong_entity_id", SP));
  expect(pages.visits).toEqual([]);
});

test("a SAML page elsewhere is told", async () => {
  const { target, check, double } = await setUpSaml(SP);
  double.faults.add(onAuthorize(redirectTo("https://elsewhere.example.com/sso")));
  expect(await check(target)).toEqual(wrong("wrong_host", "elsewhere.example.com"));
});

const tooLarge = deflateRawSync(Buffer.alloc(100_000, " ")).toString("base64");

test.each(["", "?SAMLRequest=nonsense", `?SAMLRequest=${encodeURIComponent(tooLarge)}`])(
  "a SAML request that cannot be read changes nothing: %.30s",
  async (query) => {
    const { ssoUrl, target, check, double } = await setUpSaml(SP);
    double.faults.add(onAuthorize(redirectTo(`${ssoUrl}${query}`)));
    expect(await check(target)).toEqual(VERIFIED);
  },
);

test("a SAML page that does not know the service is believed", async () => {
  const says = () => new Response("AADSTS700016: Application was not found");
  const { target, check } = await setUpSaml(SP, { "/sso": says });
  expect(await check(target)).toEqual(wrong("invalid_client"));
});

/** WorkOS leads to this address; Cognito has that one. */
async function samlVerdict(leadsTo: string, cognitoHas: string) {
  const { pages, target, check, double } = await setUpSaml(SP);
  double.faults.add(onAuthorize(redirectTo(new URL(leadsTo, pages.url).href)));
  return check({ ...target, ssoUrl: new URL(cognitoHas, pages.url).href });
}

test.each([
  ["/other-tenant/saml2", "/tenant/saml2"],
  ["/o/saml2/idp?idpid=other", "/o/saml2/idp?idpid=own"],
  ["/o/saml2/idp", "/o/saml2/idp?idpid=own"],
  ["/sso?tenant=other", "/sso"],
  ["/Tenant/saml2", "/tenant/saml2"],
])("another tenant's page at the provider's host is not the provider's: %s for %s", async (leadsTo, has) => {
  const found = expect.stringMatching(/^(localhost|127\.0\.0\.1):\d+\//);
  expect(await samlVerdict(`${leadsTo}${leadsTo.includes("?") ? "&" : "?"}RelayState=x`, has)).toEqual(
    wrong("wrong_host", found),
  );
});

test("what makes an address another one is told, without the request", async () => {
  expect(await samlVerdict("/idp?idpid=other&SAMLRequest=x&RelayState=y", "/idp?idpid=own")).toMatchObject({
    value: { found: expect.stringMatching(/:\d+\/idp\?idpid=other$/) },
  });
});

test.each([
  ["/tenant/saml2/", "/tenant/saml2"],
  ["/idp?b=2&SAMLRequest=nonsense&a=1&a=0", "/idp?a=0&a=1&b=2"],
  ["/idp?Signature=x&SigAlg=y&RelayState=z", "/idp"],
])("the same sign-on address in other words is the provider's: %s for %s", async (leadsTo, has) => {
  expect(await samlVerdict(leadsTo, has)).toEqual(VERIFIED);
});

test("case of the host and a default port make no other provider", async () => {
  const { pages, target, check, double } = await setUpSaml(SP);
  bringHome(["idp.example.com"], pages.url);
  double.faults.add(onAuthorize(redirectTo("https://idp.example.com/sso?SAMLRequest=x")));
  expect(await check({ ...target, ssoUrl: "https://IDP.example.com:443/sso" })).toEqual(VERIFIED);
});

const metadata = (location: string) => ({
  "/metadata": () =>
    new Response(
      `<md:EntityDescriptor><md:IDPSSODescriptor><md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${location}"/></md:IDPSSODescriptor></md:EntityDescriptor>`,
    ),
});

test("a provider known by its metadata alone is at the address that the document names", async () => {
  const signIn = await startSignInPages();
  const { pages, target, check, double } = await setUpSaml(SP, metadata(`${signIn.url}/sso?a=1&amp;b=2`));
  const known = { ...target, ssoUrl: null, metadataUrl: `${pages.url}/metadata` };
  double.faults.add(onAuthorize(redirectTo(`${signIn.url}/sso?a=1&b=2&SAMLRequest=x`)));
  expect(await check(known)).toEqual(VERIFIED);
  double.faults.add(onAuthorize(redirectTo(`${signIn.url}/sso?a=1&b=3&SAMLRequest=x`)));
  expect(await check(known)).toMatchObject({ value: { code: "wrong_host" } });
});

test("a long metadata document names the sign-in page as well", async () => {
  const claims = `<!--${"a claim ".repeat(20_000)}-->`;
  const { pages, target, check } = await setUpSaml(SP, {
    "/metadata": () => new Response(`${claims}<SingleSignOnService Location="${pages.url}/another-tenant"/>`),
  });
  const known = { ...target, ssoUrl: null, metadataUrl: `${pages.url}/metadata` };
  expect(await check(known)).toMatchObject({ value: { kind: "wrong", code: "wrong_host" } });
});

test("a provider whose metadata cannot be read is known by its host", async () => {
  const { pages, target, check, double } = await setUpSaml(SP);
  const known = { ...target, ssoUrl: null, metadataUrl: `${pages.url}/metadata` };
  expect(await check(known)).toEqual(VERIFIED);
  double.faults.add(onAuthorize(redirectTo("https://elsewhere.example.com/sso")));
  expect(await check(known)).toEqual(wrong("wrong_host", "elsewhere.example.com"));
});

test.each([429, 503])(
  "a provider that is too busy to name its address (%s) is asked again",
  async (status) => {
    const busy = () => new Response("later", { status });
    const { pages, target, check } = await setUpSaml(SP, { "/metadata": busy });
    const known = { ...target, ssoUrl: null, metadataUrl: `${pages.url}/metadata` };
    const later = { ok: false, problem: "unavailable", code: "no_answer" };
    expect(await check(known)).toEqual(later);
    const oidc = await setUpConnections({ "/realms/own/.well-known/openid-configuration": busy });
    const protocol = oidcAt(`${oidc.pages.url}/realms/own`);
    const connectionId = await oidc.connect({ ...protocol, clientSecret: new Secret("s") });
    expect(await oidc.check({ ...protocol, connectionId })).toEqual(later);
  },
);

test("metadata that moved is followed, and what a comment says is no address", async () => {
  const moved = () => new Response("", { status: 302, headers: { location: "/moved" } });
  const comment = '<!-- <SingleSignOnService Location="https://other.example.com/sso"/> -->';
  const { pages, target, check, double } = await setUpSaml(SP, {
    "/metadata": moved,
    "/moved": () => new Response(`${comment}<SingleSignOnService Location="${pages.url}/own"/>`),
  });
  const known = { ...target, ssoUrl: null, metadataUrl: `${pages.url}/metadata` };
  for (const [leadsTo, expected] of [
    [`${pages.url}/own?SAMLRequest=x`, VERIFIED],
    ["https://other.example.com/sso?SAMLRequest=x", wrong("wrong_host", "other.example.com")],
    [`${pages.url}/other?SAMLRequest=x`, wrong("wrong_host", expect.stringMatching(/\/other$/))],
  ] as const) {
    double.faults.add(onAuthorize(redirectTo(leadsTo)));
    expect(await check(known)).toEqual(expected);
  }
});

test("an OIDC client of another tenant at the same host is not the provider's", async () => {
  const page = new URL("/realms/own/auth", "http://placeholder");
  const answers = {
    "/realms/own/.well-known/openid-configuration": () =>
      new Response(JSON.stringify({ authorization_endpoint: page.href })),
  };
  const { pages, connect, check, double } = await setUpConnections(answers);
  page.host = new URL(pages.url).host;
  page.hostname = new URL(pages.url).hostname;
  const protocol = oidcAt(`${pages.url}/realms/own`);
  const connectionId = await connect({ ...protocol, clientSecret: new Secret("s") });
  double.faults.add(onAuthorize(redirectTo(`${pages.url}/realms/own/auth?client_id=spillway`)));
  expect(await check({ ...protocol, connectionId })).toEqual(VERIFIED);
  double.faults.add(onAuthorize(redirectTo(`${pages.url}/realms/other/auth?client_id=spillway`)));
  expect(await check({ ...protocol, connectionId })).toEqual(
    wrong("wrong_host", `${page.host}/realms/other/auth`),
  );
});

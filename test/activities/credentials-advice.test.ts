import { expect, test } from "vitest";
import { counterpartOf } from "../../src/destinations/workos/counterparts.ts";
import { PROVIDER_FAULTS } from "../../src/domain/counterparts.ts";
import type { KnownProvider } from "../../src/domain/pool.ts";
import { faultAdvice, providerTask } from "../../src/plan/provider-advice.ts";

const google: KnownProvider = {
  name: "Google & friends",
  type: "Google",
  clientId: "client-1",
  issuer: null,
  scopes: "openid",
  saml: null,
  attributeMapping: {},
  identifiers: [],
};

function advise(fault: string, found: string | null = null, isDryRun = false): string {
  const fate = counterpartOf(google);
  if (fate.kind !== "dashboard") throw new Error("Google has changed.");
  return faultAdvice(google, fate, { fault, isDryRun }, found);
}

test.each(Object.entries(PROVIDER_FAULTS))("advice on %s says what it means", (fault, meaning) => {
  expect(advise(fault)).toContain(meaning);
});

test("a provider that is not set up is told with every step", () => {
  const advice = advise("not_configured");
  expect(advice).toContain("Authentication → Providers → Google");
  expect(advice).toContain("client-1");
  expect(advice).toContain("`./spillway credentials reveal 'Google & friends'`");
  expect(advice).toContain("Authorized redirect URIs");
});

test("a wrong client id shows both, and leaves redirect URIs out", () => {
  const advice = advise("wrong_client_id", "client-2");
  expect(advice).toMatch(/found: client-2.*Expected: client-1/);
  expect(advice).not.toContain("Authorized redirect URIs");
});

test("a missing redirect URI says where it is added, and leaves the client out", () => {
  const advice = advise("redirect_uri_missing");
  expect(advice).toContain("Authorized redirect URIs");
  expect(advice).not.toContain("client-1");
});

test("a provider that was not looked at yet has no advice", () => {
  expect(advise("")).toBe("The destination has not answered yet.");
});

const corp: KnownProvider = { ...google, name: "Corp", type: "OIDC", issuer: "https://id.corp.example" };
const acme: KnownProvider = {
  ...google,
  name: "Acme",
  type: "SAML",
  clientId: null,
  saml: {
    metadataUrl: "https://idp.acme.example/metadata",
    metadataFile: null,
    ssoUrl: "https://idp.acme.example/sso",
    entityId: null,
    signingCertificates: [],
  },
};
const CONNECTION = { kind: "connection", organization: "acme" } as const;
const PORTAL = "`./spillway credentials portal Acme`";

test("a connection that no run could make is a person's to make, and says what they enter", () => {
  const saml = faultAdvice(acme, CONNECTION, { fault: "connection_missing", isDryRun: false }, null);
  expect(saml).not.toMatch(/run makes|Spillway makes/);
  expect(saml).toContain(`${PORTAL} gives the link at which a person sets it up in the organization "acme"`);
  expect(saml).toContain("https://idp.acme.example/metadata");
  expect(saml).toContain("assertion consumer URL");
  const oidc = faultAdvice(corp, CONNECTION, { fault: "connection_missing", isDryRun: false }, null);
  expect(oidc).toContain("client id client-1 and the issuer https://id.corp.example");
  expect(oidc).toContain("`./spillway credentials reveal Corp`");
});

test("a provider whose name begins with a dash is no option of the commands", () => {
  const look = { fault: "connection_missing", isDryRun: false };
  const advice = faultAdvice({ ...corp, name: "--force" }, CONNECTION, look, null);
  expect(advice).toContain("`./spillway credentials portal -- --force`");
  expect(advice).toContain("`./spillway credentials reveal -- --force`");
});

test.each(["not_configured", "wrong_host", "wrong_entity_id"])(
  "a connection that stands and is wrong (%s) is changed, not made",
  (fault) => {
    const advice = faultAdvice(acme, CONNECTION, { fault, isDryRun: false }, null);
    expect(advice).not.toMatch(/makes? the connection|sets it up/);
    expect(advice).toContain(
      `${PORTAL} gives the link at which the connection of the organization "acme" is changed`,
    );
  },
);

test("an entity id that the connection cannot take leaves the way over the provider", () => {
  expect(faultAdvice(acme, CONNECTION, { fault: "wrong_entity_id", isDryRun: false }, null)).toContain(
    'set "samlEntityId" to "new"',
  );
});

test("before anybody looked, a connection is the run's to make, and the provider's side is a person's", () => {
  const [made = "", added = ""] = providerTask(acme, CONNECTION);
  expect(made).toMatch(/^A run makes the connection in the organization "acme" where .* API allows it\./);
  expect(added).toMatch(/^Whoever runs the provider adds .*assertion consumer URL/);
  expect(providerTask(corp, CONNECTION).join(" ")).not.toMatch(/Enter/);
});

test("after a dry run a connection is the next run's to make, not yet a person's", () => {
  const look = { fault: "connection_missing", isDryRun: true };
  const advice = faultAdvice(acme, CONNECTION, look, null);
  expect(advice).toContain('A run makes the connection in the organization "acme" where');
  expect(advice).not.toMatch(/Make it:|no API made it|Enter/);
  expect(providerTask(acme, CONNECTION, look)).toEqual(providerTask(acme, CONNECTION));
});

test("after a dry run the application's redirect URI is the next run's to add, the provider's a person's", () => {
  const advice = advise("redirect_uri_missing", null, true);
  expect(advice).toContain("A run that is not dry adds that of your application at the destination.");
  expect(advice).toContain("Authorized redirect URIs");
});

test("a step that stands alone names the page that it speaks of", () => {
  expect(advise("redirect_uri_missing")).toContain("Authentication → Providers → Google");
});

import { expect, test } from "vitest";
import { counterpartOf } from "../../src/destinations/workos/counterparts.ts";
import type { KnownProvider } from "../../src/domain/pool.ts";
import { faultAdvice } from "../../src/plan/provider-advice.ts";

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

function advise(fault: string, found: string | null = null): string {
  const fate = counterpartOf(google);
  if (fate.kind !== "dashboard") throw new Error("Google has changed.");
  return faultAdvice(google, fate, fault, found);
}

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

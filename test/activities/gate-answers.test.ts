import { expect, test } from "vitest";
import { answerOf, answersNow, stillHolds } from "../../src/activities/credentials/gate-answers.ts";
import type { GateAnswer } from "../../src/ledger/gate-answers.ts";
import { asConfigured } from "../../src/plan/as-configured.ts";
import { checkOf, providerOf } from "../report/set-ups.ts";

const OKTA = providerOf("Okta", { type: "OIDC", issuer: "https://okta.example.com" });
const SAML = providerOf("Acme", {
  type: "SAML",
  clientId: null,
  saml: {
    metadataUrl: null,
    metadataFile: "<one/>",
    ssoUrl: "https://idp.example.com/sso",
    entityId: "urn:acme",
    signingCertificates: ["a"],
  },
});

function told(provider = OKTA, change: Partial<GateAnswer> = {}): GateAnswer {
  const configured = asConfigured(provider);
  const { name } = provider;
  return { name, state: "skipped", reason: "turned off", configured, fault: null, found: null, ...change };
}

test("a provider that Cognito has otherwise than then is a new question", () => {
  const kept = [told(OKTA), told(SAML)];
  expect(answerOf(kept, OKTA)).toEqual(kept[0]);
  expect(answerOf(kept, { ...OKTA, scopes: "openid", identifiers: ["acme.example"] })).toEqual(kept[0]);
  expect(answerOf(kept, { ...OKTA, issuer: "https://other.example.com" })).toBeUndefined();
  expect(answerOf(kept, { ...OKTA, clientId: "another" })).toBeUndefined();
  expect(answerOf(kept, { ...OKTA, type: "Google" })).toBeUndefined();
  if (SAML.saml === null) throw new Error("It is SAML.");
  const renewed = { ...SAML.saml, metadataFile: "<two/>", signingCertificates: ["b"] };
  expect(answerOf(kept, { ...SAML, saml: renewed })).toEqual(kept[1]);
  expect(answerOf(kept, { ...SAML, saml: { ...SAML.saml, entityId: "urn:other" } })).toBeUndefined();
});

test("what is skipped stays so whatever is found, and what works as long as it looks as it did", () => {
  const wrong = { kind: "wrong", code: "wrong_host", found: "okta.example.com/app/1" } as const;
  expect(stillHolds(told(), null)).toBe(true);
  expect(stillHolds(told(), wrong)).toBe(true);
  const works = told(OKTA, { state: "verified", fault: wrong.code, found: wrong.found });
  expect(stillHolds(works, wrong)).toBe(true);
  expect(stillHolds(works, { ...wrong, found: "okta.example.com/app/2" })).toBe(false);
  expect(stillHolds(works, { ...wrong, code: "connection_missing" })).toBe(false);
  expect(stillHolds(works, null)).toBe(false);
});

test("a word is noted once, with what stood against the provider, unless it was seen verified meanwhile", () => {
  const before = [checkOf("Okta", { fault: "wrong_host", found: "there" })];
  const word = [{ name: "Okta", reason: "by hand", works: true }];
  const after = [checkOf("Okta", { state: "verified", reason: "by hand" })];
  const noted = told(OKTA, { state: "verified", reason: "by hand", fault: "wrong_host", found: "there" });
  expect(answersNow(word, [OKTA], after, before)).toEqual([noted]);
  expect(answersNow(word, [OKTA], after, after)).toEqual([]);
  const seen = [checkOf("Okta", { state: "verified" })];
  expect(answersNow(word, [OKTA], seen, before)).toEqual([]);
});

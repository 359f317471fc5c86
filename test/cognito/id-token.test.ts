import { UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { readIdToken } from "../../src/cognito/id-token.ts";

const ISSUER = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool1";
const EXPECTED = { issuers: [ISSUER], clientId: "client1" };
const NOW_MS = Date.UTC(2026, 10, 21);

/** Nobody checks its signature: it came over TLS from Cognito itself. */
function tokenOf(claims: Record<string, unknown> = {}): string {
  return new UnsecuredJWT({
    iss: ISSUER,
    aud: "client1",
    sub: "sub-1",
    token_use: "id",
    exp: NOW_MS / 1_000 + 3_600,
    email: " Ada@Example.com ",
    email_verified: true,
    given_name: "Ada",
    "custom:plan": "gold",
    "cognito:username": "ada",
    ...claims,
  }).encode();
}

test("the token says who signed in, and with which attributes", () => {
  expect(readIdToken(tokenOf(), EXPECTED, NOW_MS)).toEqual({
    person: {
      sub: "sub-1",
      email: "ada@example.com",
      emailVerified: true,
      attributes: {
        sub: "sub-1",
        email: " Ada@Example.com ",
        email_verified: "true",
        given_name: "Ada",
        "custom:plan": "gold",
      },
    },
    lacks: null,
  });
});

test.each<[string, Record<string, unknown>, Record<string, string>]>([
  ["a number", { updated_at: 1_700_000_000 }, { updated_at: "1700000000" }],
  ["a number that is not whole", { updated_at: 1.5 }, {}],
  ["a number that JSON cut", { updated_at: 2 ** 60 }, {}],
  ["an address", { address: { formatted: "12 St James's Square" } }, { address: "12 St James's Square" }],
  ["an address in parts", { address: { street_address: "12", formatted: "12" } }, {}],
  ["links", { identities: [{ userId: "1", providerName: "Google" }] }, {}],
  ["a list of a custom attribute", { "custom:roles": ["a"] }, {}],
  ["what a trigger added", { tenant: "acme", acr: "1", roles: ["a"], "cognito:groups": ["a"] }, {}],
])("%s is read as the list of users gives it, or is left out", (_, claims, attributes) => {
  const plain = readIdToken(tokenOf(), EXPECTED, NOW_MS)?.person.attributes;
  const read = readIdToken(tokenOf(claims), EXPECTED, NOW_MS);
  expect(read?.person.attributes).toEqual({ ...plain, ...attributes });
});

test.each([
  [{ email: undefined }, "email"],
  [{ email: undefined, email_verified: undefined }, "email"],
  [{ email_verified: undefined }, "email_verified"],
  [{ email: "" }, null],
])("a token with %j lacks %s", (claims, lacks) => {
  expect(readIdToken(tokenOf(claims), EXPECTED, NOW_MS)).toMatchObject({ lacks });
});

test.each<[string, Record<string, unknown>]>([
  ["another pool", { iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool2" }],
  ["another issuer", { iss: "https://evil.example/eu-west-1_Pool1" }],
  ["another app client", { aud: "client2" }],
  ["an access token", { token_use: "access" }],
  ["an expired one", { exp: NOW_MS / 1_000 }],
  ["nobody", { sub: "" }],
])("a token of %s proves nobody", (_, claims) => {
  expect(readIdToken(tokenOf(claims), EXPECTED, NOW_MS)).toBeNull();
});

test.each(["", "not a token", "a.b.c"])("%j is no token", (text) => {
  expect(readIdToken(text, EXPECTED, NOW_MS)).toBeNull();
});

test.each([
  [true, true],
  ["true", true],
  [false, false],
  ["false", false],
  [undefined, false],
])("email_verified %j is read as %s", (email_verified, emailVerified) => {
  expect(readIdToken(tokenOf({ email_verified }), EXPECTED, NOW_MS)).toMatchObject({
    person: { emailVerified },
  });
});

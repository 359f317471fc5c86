import { UnsecuredJWT } from "jose";
import { expect, test } from "vitest";
import { personOf } from "../../src/cognito/id-token.ts";

const EXPECTED = { region: "eu-west-1", userPoolId: "eu-west-1_Pool1", clientId: "client1" };
const NOW_MS = Date.UTC(2026, 10, 21);

/** Nobody checks its signature: it came over TLS from Cognito itself. */
function tokenOf(claims: Record<string, unknown> = {}): string {
  return new UnsecuredJWT({
    iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool1",
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
  expect(personOf(tokenOf(), EXPECTED, NOW_MS)).toEqual({
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
  });
});

test.each<[string, Record<string, unknown>]>([
  ["another pool", { iss: "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Pool2" }],
  ["another issuer", { iss: "https://evil.example/eu-west-1_Pool1" }],
  ["another app client", { aud: "client2" }],
  ["an access token", { token_use: "access" }],
  ["an expired one", { exp: NOW_MS / 1_000 }],
  ["nobody", { sub: "" }],
])("a token of %s proves nobody", (_, claims) => {
  expect(personOf(tokenOf(claims), EXPECTED, NOW_MS)).toBeNull();
});

test.each(["", "not a token", "a.b.c"])("%j is no token", (text) => {
  expect(personOf(text, EXPECTED, NOW_MS)).toBeNull();
});

test.each([
  [true, true],
  ["true", true],
  [false, false],
  ["false", false],
  [undefined, false],
])("email_verified %j is read as %s", (email_verified, emailVerified) => {
  expect(personOf(tokenOf({ email_verified }), EXPECTED, NOW_MS)).toMatchObject({ emailVerified });
});

import { expect, test } from "vitest";
import { parsePool, parseUser } from "../../src/cognito/parse.ts";

test("a row of nothing but a sub is read carefully", () => {
  expect(parseUser({ Attributes: [{ Name: "sub", Value: "s-1" }] })).toEqual({
    sub: "s-1",
    username: "s-1",
    attributes: { sub: "s-1" },
    status: "UNKNOWN",
    enabled: false,
    createdAtMs: 0,
    modifiedAtMs: 0,
    identities: [],
    identitiesBroken: false,
  });
});

const NO_SUB = /^nosub:[0-9a-f]{32}$/;

test.each([undefined, "", "a b", "a\u0000", "\ud800", "ä", "x".repeat(2_048), "nosub:0"])(
  "the sub %j is none, and the row is kept under a name of its own",
  (Value) => {
    const rowOf = (Username: string | undefined, enabled = true) =>
      parseUser({ Username, Enabled: enabled, Attributes: [{ Name: "sub", Value }] });
    expect(rowOf("kim@example.com").sub).toMatch(NO_SUB);
    expect(rowOf("kim@example.com")).toMatchObject({ username: "kim@example.com", enabled: true });
    expect(rowOf("kim@example.com", false).sub).toBe(rowOf("kim@example.com").sub);
    expect(rowOf("eve@example.com").sub).not.toBe(rowOf("kim@example.com").sub);
  },
);

test("a row without a sub and a username is named by all that it says", () => {
  const rowOf = (email: string) => parseUser({ Attributes: [{ Name: "email", Value: email }] });
  expect(rowOf("kim@example.com").sub).toMatch(NO_SUB);
  expect(rowOf("kim@example.com").sub).toBe(rowOf("kim@example.com").sub);
  expect(rowOf("eve@example.com").sub).not.toBe(rowOf("kim@example.com").sub);
});

test("an attribute without a value reads as empty", () => {
  const row = {
    Attributes: [
      { Name: "sub", Value: "s-1" },
      { Name: "name", Value: undefined },
    ],
  };
  expect(parseUser(row).attributes).toEqual({ sub: "s-1", name: "" });
});

test.each([
  ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A", "123456789012"],
  ["arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_A", "123456789012"],
  ["not an arn", null],
  [undefined, null],
])("the account of the arn %s is %s", (Arn, accountId) => {
  expect(parsePool({ Arn }, "eu-west-1_A").accountId).toBe(accountId);
});

test.each([
  ["eu-west-1", undefined, "cognito-idp.eu-west-1.amazonaws.com"],
  ["eu-west-1", "ORIGINAL", "cognito-idp.eu-west-1.amazonaws.com"],
  ["eu-west-1", "UPDATED", "issuer-cognito-idp.eu-west-1.amazonaws.com"],
  ["us-gov-west-1", "ORIGINAL", "cognito-idp.us-gov-west-1.amazonaws.com"],
  ["cn-north-1", "ORIGINAL", "cognito-idp.cn-north-1.amazonaws.com.cn"],
  ["eusc-de-east-1", "UPDATED", "issuer-cognito-idp.eusc-de-east-1.amazonaws.eu"],
] as const)("the issuer of a pool of %s with the type %s is at %s", (region, Type, host) => {
  const pool = Type === undefined ? {} : { IssuerConfiguration: { Type } };
  expect(parsePool(pool, `${region}_A`).issuer).toBe(`https://${host}/${region}_A`);
});

test("a pool of absent settings is read by AWS's defaults", () => {
  expect(parsePool({}, "eu-west-1_A")).toMatchObject({
    poolId: "eu-west-1_A",
    caseSensitiveUsernames: true,
    mfa: "OFF",
    triggers: [],
    domain: null,
    customDomain: null,
  });
});

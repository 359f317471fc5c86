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

test.each([undefined, [], [{ Name: "sub", Value: "" }], [{ Name: "sub", Value: undefined }]])(
  "a row without a sub is none: %j",
  (Attributes) => {
    expect(parseUser({ Attributes })).toBeNull();
  },
);

test("an attribute without a value reads as empty", () => {
  const row = {
    Attributes: [
      { Name: "sub", Value: "s-1" },
      { Name: "name", Value: undefined },
    ],
  };
  expect(parseUser(row)?.attributes).toEqual({ sub: "s-1", name: "" });
});

test.each([
  ["arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_A", "123456789012"],
  ["arn:aws-cn:cognito-idp:cn-north-1:123456789012:userpool/cn-north-1_A", "123456789012"],
  ["not an arn", null],
  [undefined, null],
])("the account of the arn %s is %s", (Arn, accountId) => {
  expect(parsePool({ Arn }, "eu-west-1_A").accountId).toBe(accountId);
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

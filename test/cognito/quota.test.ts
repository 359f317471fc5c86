import { expect, test } from "vitest";
import { optionsSchema } from "../doubles/cognito/options.ts";
import { createQuota } from "../doubles/cognito/quota.ts";

/** A second has one request of an operation, four of the resources', three of the clients' and 24 sign-ins. */
const options = optionsSchema.parse({ quotaScale: 0.2 });

/** Which of the calls are refused, made one right after the other. */
function refusedOf(...operations: string[]): string[] {
  const quota = createQuota();
  return operations.filter((operation) => {
    try {
      quota.take(operation, options);
      return false;
    } catch {
      return true;
    }
  });
}

test("each operation has a quota of its own for a pool", () => {
  const operations = ["ListGroups", "ListGroups", "ListIdentityProviders", "DescribeIdentityProvider"];
  expect(refusedOf(...operations)).toEqual(["ListGroups"]);
});

test("operations of a category share its quota as well", () => {
  const operations = [
    "ListGroups",
    "ListIdentityProviders",
    "DescribeIdentityProvider",
    "ListResourceServers",
    "GetUserPoolMfaConfig",
  ];
  expect(refusedOf(...operations)).toEqual(["GetUserPoolMfaConfig"]);
});

test("a call that is refused takes nothing from its category", () => {
  const operations = [
    ...["ListGroups", "ListGroups", "ListGroups", "ListGroups", "ListGroups"],
    ...["ListIdentityProviders", "DescribeIdentityProvider", "ListResourceServers"],
  ];
  expect(new Set(refusedOf(...operations))).toEqual(new Set(["ListGroups"]));
});

test("app clients are counted apart from resources", () => {
  const resources = [
    "ListGroups",
    "ListIdentityProviders",
    "DescribeIdentityProvider",
    "ListResourceServers",
  ];
  expect(refusedOf(...resources, "ListUserPoolClients", "DescribeUserPoolClient")).toEqual([]);
});

test("sign-ins share a quota of their own", () => {
  const signIns = Array.from({ length: 12 }, () => ["InitiateAuth", "AdminInitiateAuth"]).flat();
  const late = Array.from({ length: 12 }, () => "InitiateAuth");
  expect(refusedOf(...signIns, "ListUsers", "ListGroups")).toEqual([]);
  expect(refusedOf(...signIns, ...late).length).toBeGreaterThan(0);
});

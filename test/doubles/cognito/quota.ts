import { AwsError } from "../shared/aws-error.ts";
import type { Options } from "./options.ts";

interface Limit {
  category: string;
  /** Shared by the category's operations. */
  perSecond: number;
  /** Of each operation and pool by itself; null where only the category counts. */
  perSecondOfPool: number | null;
}

const USER_LIST: Limit = { category: "UserList", perSecond: 30, perSecondOfPool: null };
const USER_RESOURCE_READ: Limit = { category: "UserResourceRead", perSecond: 50, perSecondOfPool: null };
const POOL_READ: Limit = { category: "UserPoolRead", perSecond: 15, perSecondOfPool: null };
const RESOURCE_READ: Limit = { category: "UserPoolResourceRead", perSecond: 20, perSecondOfPool: 5 };
const CLIENT_READ: Limit = { category: "UserPoolClientRead", perSecond: 15, perSecondOfPool: 5 };

const USER_AUTHENTICATION: Limit = {
  category: "UserAuthentication",
  perSecond: 120,
  perSecondOfPool: null,
};

/** AWS's default quotas, in requests a second of an account and region ("Quotas in Amazon Cognito"). */
const LIMITS: Readonly<Record<string, Limit>> = {
  InitiateAuth: USER_AUTHENTICATION,
  AdminInitiateAuth: USER_AUTHENTICATION,
  ListUsers: USER_LIST,
  ListUsersInGroup: USER_LIST,
  AdminListGroupsForUser: USER_RESOURCE_READ,
  DescribeUserPool: POOL_READ,
  ListUserPools: POOL_READ,
  ListGroups: RESOURCE_READ,
  ListIdentityProviders: RESOURCE_READ,
  DescribeIdentityProvider: RESOURCE_READ,
  ListResourceServers: RESOURCE_READ,
  DescribeResourceServer: RESOURCE_READ,
  DescribeUserPoolDomain: RESOURCE_READ,
  GetUserPoolMfaConfig: RESOURCE_READ,
  ListUserPoolClients: CLIENT_READ,
  DescribeUserPoolClient: CLIENT_READ,
};

export interface Quota {
  /** Throws when the operation, or its category, has no request left. */
  take(operation: string, options: Options): void;
}

/** A bucket per category, and one per operation where AWS counts them, that holds the requests of one second. */
export function createQuota(): Quota {
  const buckets = new Map<string, { left: number; atMs: number }>();

  const refill = (name: string, perSecond: number) => {
    const nowMs = performance.now();
    const bucket = buckets.get(name) ?? { left: perSecond, atMs: nowMs };
    const refilled = bucket.left + ((nowMs - bucket.atMs) / 1_000) * perSecond;
    const full = { left: Math.min(Math.max(perSecond, 1), refilled), atMs: nowMs };
    buckets.set(name, full);
    return full;
  };

  return {
    take(operation, { unlimited, quotaScale }) {
      const limit = LIMITS[operation];
      if (unlimited || limit === undefined) return;
      const asked = [refill(limit.category, limit.perSecond * quotaScale)];
      if (limit.perSecondOfPool !== null) asked.push(refill(operation, limit.perSecondOfPool * quotaScale));
      if (asked.some(({ left }) => left < 1)) throw new AwsError("TooManyRequestsException", "Rate exceeded");
      for (const bucket of asked) bucket.left -= 1;
    },
  };
}

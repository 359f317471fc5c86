import { AwsError } from "./aws-error.ts";
import type { Options } from "./options.ts";

/** AWS's default quotas, in requests a second of an account and region ("Quotas in Amazon Cognito"). */
const CATEGORIES: Record<string, { name: string; perSecond: number }> = {
  ListUsers: { name: "UserList", perSecond: 30 },
  ListUsersInGroup: { name: "UserList", perSecond: 30 },
  DescribeUserPool: { name: "UserPoolRead", perSecond: 15 },
};

export interface Quota {
  /** Throws when the operation's category has no request left. */
  take(operation: string, options: Options): void;
}

/** A bucket per category that holds the requests of one second. */
export function createQuota(): Quota {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    take(operation, { unlimited, quotaScale }) {
      const category = CATEGORIES[operation];
      if (unlimited || category === undefined) return;
      const perSecond = category.perSecond * quotaScale;
      const nowMs = performance.now();
      const bucket = buckets.get(category.name) ?? { left: perSecond, atMs: nowMs };
      const refilled = bucket.left + ((nowMs - bucket.atMs) / 1_000) * perSecond;
      const left = Math.min(Math.max(perSecond, 1), refilled) - 1;
      buckets.set(category.name, { left: left < 0 ? left + 1 : left, atMs: nowMs });
      if (left < 0) throw new AwsError("TooManyRequestsException", "Rate exceeded");
    },
  };
}

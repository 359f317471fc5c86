import { z } from "zod";

const operation = z.enum([
  "ListUserPools",
  "DescribeUserPool",
  "ListUsers",
  "ListUsersInGroup",
  "AdminListGroupsForUser",
  "ListGroups",
  "ListIdentityProviders",
  "DescribeIdentityProvider",
  "ListUserPoolClients",
  "DescribeUserPoolClient",
  "ListResourceServers",
  "DescribeResourceServer",
  "DescribeUserPoolDomain",
  "GetUserPoolMfaConfig",
  "AdminInitiateAuth",
]);

/** How the double behaves; the defaults are a well-behaved Cognito with its quotas. */
export const optionsSchema = z.strictObject({
  /** Decides the adversarial pages and orders: the same seed, the same pages. */
  seed: z.number().int().default(1),
  pages: z
    .strictObject({
      /** Pages of fewer rows than asked for, and a token. */
      short: z.boolean().default(false),
      /** Now and then a page without rows, and a token. */
      empty: z.boolean().default(false),
    })
    .prefault({}),
  /** After this many pages a chain's tokens are dead; null: never. */
  killTokensAfterPages: z.number().int().positive().nullable().default(null),
  /** `once`: only the first chain that gets so far dies. */
  killTokens: z.enum(["once", "always"]).default("once"),
  /** Every chain but the first lists its rows in another order. */
  reshuffleOnRestart: z.boolean().default(false),
  /** Of AWS's default quotas, for example 30 requests a second for lists of users. */
  quotaScale: z.number().positive().default(1),
  unlimited: z.boolean().default(false),
  /**
   * The `iss` of tokens: AWS's of the pool in either of its types (API reference, `IssuerConfigurationType`), or one
   * under the double's own address. Keys stand under the latter only.
   */
  tokenIssuer: z.enum(["aws", "aws_updated", "own"]).default("aws"),
  /** ListUsers with a filter that matches this RegExp source is answered with this error, and nothing else is. */
  brokenFilter: z
    .strictObject({
      matches: z.string(),
      error: z.enum(["InternalErrorException", "InvalidParameterException"]),
    })
    .nullable()
    .default(null),
  /** Listed beside the one pool; nothing else is known of them. */
  otherPools: z.array(z.strictObject({ poolId: z.string(), name: z.string() })).default([]),
  /** The caller's policy lacks this permission. */
  denied: operation.nullable().default(null),
  /** Access keys that exist; null: all. */
  accessKeys: z.array(z.string()).nullable().default(null),
});

export type Options = z.output<typeof optionsSchema>;
export type OptionsWish = z.input<typeof optionsSchema>;

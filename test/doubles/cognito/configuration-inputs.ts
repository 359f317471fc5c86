import { z } from "zod";
import { boundedToken, limit, pageToken, userPoolId } from "./inputs.ts";

/** Members and constraints as in AWS's service model of `cognito-idp` 2016-04-18. */

const printable = /^[\x21\x23-\x5B\x5D-\x7E]+$/;
const visibleOrSpace = /^[\p{L}\p{M}\p{S}\p{N}\p{P}\p{Z}]+$/u;
/** The model's own, `[a-z0-9]…`, allows no dots, which custom domains have. */
const domain = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/;

export const listUserPoolsInput = z.strictObject({
  MaxResults: z.number().int().min(1).max(60),
  NextToken: pageToken.optional(),
});

export const listGroupsInput = z.strictObject({
  UserPoolId: userPoolId,
  Limit: limit,
  NextToken: boundedToken.optional(),
});

export const listIdentityProvidersInput = z.strictObject({
  UserPoolId: userPoolId,
  MaxResults: limit,
  NextToken: pageToken.optional(),
});

export const describeIdentityProviderInput = z.strictObject({
  UserPoolId: userPoolId,
  ProviderName: z.string().min(1).max(32).regex(visibleOrSpace),
});

export const listUserPoolClientsInput = z.strictObject({
  UserPoolId: userPoolId,
  MaxResults: z.number().int().min(1).max(60).optional(),
  NextToken: boundedToken.optional(),
  ClientType: z.enum(["REGULAR", "DCR"]).optional(),
});

export const describeUserPoolClientInput = z.strictObject({
  UserPoolId: userPoolId,
  ClientId: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\w+]+$/),
});

export const listResourceServersInput = z.strictObject({
  UserPoolId: userPoolId,
  MaxResults: z.number().int().min(1).max(50).optional(),
  NextToken: pageToken.optional(),
});

export const describeResourceServerInput = z.strictObject({
  UserPoolId: userPoolId,
  Identifier: z.string().min(1).max(256).regex(printable),
});

export const describeUserPoolDomainInput = z.strictObject({
  Domain: z.string().min(1).max(63).regex(domain),
});

export const getUserPoolMfaConfigInput = z.strictObject({ UserPoolId: userPoolId });

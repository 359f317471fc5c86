import { z } from "zod";
import { AwsError, invalidParameter } from "../shared/aws-error.ts";

/** Members and constraints as in AWS's service model of `cognito-idp` 2016-04-18. */

export const userPoolId = z
  .string()
  .min(1)
  .max(55)
  .regex(/^[\w-]+_[0-9a-zA-Z]+$/);
export const limit = z.number().int().min(0).max(60).optional();
export const pageToken = z.string().min(1).regex(/^\S+$/);
/** Of `PaginationKey`; `PaginationKeyType` has no maximum. */
export const boundedToken = pageToken.max(131_072);
const visible = /^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$/u;

export const describeUserPoolInput = z.strictObject({ UserPoolId: userPoolId });

export const listUsersInput = z.strictObject({
  UserPoolId: userPoolId,
  AttributesToGet: z.array(z.string().min(1).max(32)).optional(),
  Limit: limit,
  PaginationToken: pageToken.optional(),
  Filter: z.string().max(256).optional(),
});

export const listUsersInGroupInput = z.strictObject({
  UserPoolId: userPoolId,
  GroupName: z.string().min(1).max(128).regex(visible),
  Limit: limit,
  NextToken: boundedToken.optional(),
});

export const adminListGroupsForUserInput = z.strictObject({
  UserPoolId: userPoolId,
  Username: z.string().min(1).max(128).regex(visible),
  Limit: limit,
  NextToken: boundedToken.optional(),
});

/** Throws SerializationException for a wrong type or an unknown member, else InvalidParameterException. */
export function readInput<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw refusalOf(parsed.error.issues[0]);
}

function refusalOf(issue: z.core.$ZodIssue | undefined): AwsError {
  const [member = ""] = issue?.path ?? [];
  if (issue?.code === "unrecognized_keys")
    return new AwsError("SerializationException", `Unknown member ${issue.keys.join(", ")}`);
  const at = `1 validation error detected: Value at '${lowerFirst(String(member))}' failed to satisfy constraint: `;
  if (issue?.code === "invalid_type" && issue.input !== undefined)
    return new AwsError("SerializationException", `Wrong type at '${lowerFirst(String(member))}'`);
  if (issue?.code === "invalid_type") return invalidParameter(`${at}Member must not be null`);
  return invalidParameter(`${at}${issue?.message ?? "invalid"}`);
}

function lowerFirst(name: string): string {
  return name.slice(0, 1).toLowerCase() + name.slice(1);
}

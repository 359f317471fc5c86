import { z } from "zod";
import { AwsError, invalidParameter } from "../shared/aws-error.ts";

/** Members and constraints as in AWS's service model of `secretsmanager` 2017-10-17, without those of rotation. */

const MAX_SECRET_BYTES = 65_536;

const secretId = z.string().min(1).max(2_048);
const versionId = z.string().min(32).max(64);
const versionStage = z.string().min(1).max(256);
const secretString = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= MAX_SECRET_BYTES, "Member must have length less than 65536");
const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });

export const createSecretInput = z.strictObject({
  Name: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\w/+=.@-]+$/),
  ClientRequestToken: versionId.optional(),
  Description: z.string().max(2_048).optional(),
  SecretString: secretString,
  Tags: z.array(tag).max(50).default([]),
});

export const putSecretValueInput = z.strictObject({
  SecretId: secretId,
  ClientRequestToken: versionId.optional(),
  SecretString: secretString,
  VersionStages: z.array(versionStage).min(1).max(20).optional(),
});

export const updateSecretVersionStageInput = z.strictObject({
  SecretId: secretId,
  VersionStage: versionStage,
  RemoveFromVersionId: versionId.optional(),
  MoveToVersionId: versionId.optional(),
});

export const getSecretValueInput = z.strictObject({
  SecretId: secretId,
  VersionId: versionId.optional(),
  VersionStage: versionStage.optional(),
});

export const describeSecretInput = z.strictObject({ SecretId: secretId });

/** Throws SerializationException for a wrong type or an unknown member, else InvalidParameterException. */
export function readInput<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const parsed = schema.safeParse(body, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const member = String(issue?.path[0] ?? "");
  if (issue?.code === "unrecognized_keys")
    throw new AwsError("SerializationException", `Unknown member ${issue.keys.join(", ")}`);
  if (issue?.code === "invalid_type" && issue.input !== undefined)
    throw new AwsError("SerializationException", `Wrong type at '${member}'`);
  throw invalidParameter(
    `1 validation error detected: Value at '${member}' failed to satisfy its constraint.`,
  );
}

/** Only the SDKs make a token by themselves; AWS refuses a raw request without one. */
export function requiredToken(token: string | undefined): string {
  if (token !== undefined) return token;
  const message = "You must provide a ClientRequestToken value. We recommend a UUID-type value.";
  throw new AwsError("InvalidRequestException", message);
}

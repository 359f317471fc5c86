import { z } from "zod";

export const PERMISSIONS = [
  "CreateSecret",
  "DescribeSecret",
  "GetSecretValue",
  "PutSecretValue",
  "TagResource",
  "UpdateSecretVersionStage",
] as const;

/** How the double behaves; the defaults are a well-behaved Secrets Manager. */
export const optionsSchema = z.strictObject({
  /** Permissions that the caller's policy lacks. */
  denied: z.array(z.enum(PERMISSIONS)).default([]),
  /** Access keys that exist; null: all. */
  accessKeys: z.array(z.string()).nullable().default(null),
  /** Names of secrets that are scheduled for deletion. */
  deleted: z.array(z.string()).default([]),
  /** Names of secrets that another service of AWS manages. */
  managed: z.array(z.string()).default([]),
  /** The KMS key is disabled: nothing is encrypted or decrypted any more. */
  keyDisabled: z.boolean().default(false),
});

export type Permission = (typeof PERMISSIONS)[number];
export type Options = z.output<typeof optionsSchema>;
export type OptionsWish = z.input<typeof optionsSchema>;

import { fullFormats } from "ajv-formats/dist/formats.js";
import { z } from "zod";
import { invalidMetadata, invalidRequest } from "./api-error.ts";
import { passwordFields } from "./password-fields.ts";

/**
 * Request bodies: OpenAPI 0.61, `CreateUserlandUserDto` and `UpdateUserlandUserDto`; and what the bodies and
 * queries of several resources share.
 */

const ASCII = /^\p{ASCII}*$/u;
const METADATA_MAX_PAIRS = 10;
const METADATA_KEY_MAX_LENGTH = 40;
const METADATA_VALUE_MAX_LENGTH = 600;

export const externalId = z.string().min(1).max(64).regex(ASCII, "external_id must be ASCII").nullable();

export const createBody = z.strictObject({
  email: z.string(),
  email_verified: z.boolean().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  name: z.string().nullish(),
  external_id: externalId.optional(),
  metadata: z.record(z.string(), z.string()).nullish(),
  ip_address: z.string().nullish(),
  user_agent: z.string().nullish(),
  signals_id: z.string().optional(),
  ...passwordFields,
  /** A null is none; only here. */
  password: passwordFields.password.nullable().transform((text) => text ?? undefined),
});

export const updateBody = z.strictObject({
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  name: z.string().optional(),
  external_id: externalId.optional(),
  locale: z.string().nullish(),
  /** A null removes the key (docs, "Metadata"; the OpenAPI document knows strings only). */
  metadata: z.record(z.string(), z.string().nullable()).nullish(),
  ...passwordFields,
});

/** The query parameters of every list that comes in pages. */
export const pageFields = {
  limit: z.coerce.number().int().min(1).max(100).default(10),
  order: z.enum(["asc", "desc", "normal"]).default("desc"),
  after: z.string().optional(),
  before: z.string().optional(),
};

export const listQuery = z.strictObject({ ...pageFields, email: z.string().optional() });

/** For calls that take nothing. */
export const noFields = z.strictObject({});

/** What roles and permissions have in common. */
export const authorizationFields = {
  name: z.string().min(1).max(48),
  description: z.string().max(150).nullable().default(null),
  resource_type_slug: z.string().max(48).default("organization"),
};

/** `a,b` in a query, which the document calls an array that is not exploded. */
export function commaList<T>(item: z.ZodType<T, string>) {
  return z
    .string()
    .transform((text) => text.split(","))
    .pipe(z.array(item));
}

/** Refuses with the first thing wrong; unknown fields are wrong. */
export function parse<T>(schema: z.ZodType<T>, value: unknown, refusal = invalidRequest): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw refusal(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}`);
}

/** `format: email` of the OpenAPI document, and the lengths of RFC 5321. */
export function isEmail(email: string): boolean {
  const [local = ""] = email.split("@", 1);
  const { email: format } = fullFormats;
  if (!(format instanceof RegExp)) throw new Error("ajv-formats has changed its e-mail format.");
  return email.length <= 254 && local.length <= 64 && format.test(email);
}

/** Docs, "Metadata": at most 10 pairs, keys of 40 and values of 600 characters, ASCII. */
export function checkMetadata(metadata: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(metadata);
  if (pairs.length > METADATA_MAX_PAIRS) throw invalidMetadata("At most 10 metadata pairs are allowed.");
  for (const [key, value] of pairs) {
    if (key === "" || key.length > METADATA_KEY_MAX_LENGTH || !ASCII.test(key))
      throw invalidMetadata("Metadata keys must be 1 to 40 ASCII characters.");
    if (value.length > METADATA_VALUE_MAX_LENGTH || !ASCII.test(value))
      throw invalidMetadata("Metadata values must be at most 600 ASCII characters.");
  }
}

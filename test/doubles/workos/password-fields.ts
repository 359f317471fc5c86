import { z } from "zod";
import { ApiError, codedError } from "./api-error.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import type { NewPassword, PasswordHash } from "./passwords.ts";
import type { Stores } from "./stores.ts";
import type { WorkosUser } from "./user-store.ts";

/** How bodies give a password: OpenAPI 0.61, the second half of `CreateUserlandUserDto` and `UpdateUserlandUserDto`. */
export const passwordFields = {
  password: z.string().optional(),
  password_hash: z.string().optional(),
  password_hash_type: z
    .enum(["bcrypt", "firebase-scrypt", "ssha", "ssha256", "scrypt", "pbkdf2", "argon2"])
    .optional(),
  password_salt_position: z.enum(["prefix", "suffix"]).optional(),
};

export type GivenPassword = z.output<z.ZodObject<typeof passwordFields>>;

/** Digest lengths in bytes. The other types would need libraries to be checked against, so they are refused. */
const CHECKABLE = {
  ssha: { algorithm: "sha1", digestLength: 20 },
  ssha256: { algorithm: "sha256", digestLength: 32 },
} as const;

export function splitPassword<T extends GivenPassword>(body: T) {
  const { password, password_hash, password_hash_type, password_salt_position, ...fields } = body;
  return { given: { password, password_hash, password_hash_type, password_salt_position }, fields };
}

/** Null for a body without one. */
export function passwordFrom(
  given: { [K in keyof GivenPassword]: GivenPassword[K] | undefined },
  options: WorkosDoubleOptions,
): NewPassword | null {
  const { password, password_hash, password_hash_type } = given;
  if (password !== undefined) {
    if (password_hash !== undefined)
      throw codedError(400, "password_and_password_hash_provided", "Give a password or a hash.");
    if (password_hash_type !== undefined)
      throw codedError(400, "password_and_password_hash_type_provided", "Give a password or a hash type.");
  }
  if (password_hash === undefined && given.password_salt_position !== undefined)
    throw codedError(400, "password_salt_position_requires_password_hash", "Give a hash as well.");
  if (password !== undefined) {
    checkStrength(password, "password_strength_error", options);
    return { kind: "text", text: password };
  }
  if (password_hash === undefined && password_hash_type === undefined) return null;
  return { kind: "hash", hash: hashFrom(given) };
}

/** Whoever sets it: a reset, the API or an operator. */
export function replacePassword(
  { users, passwords }: Pick<Stores, "users" | "passwords">,
  user: WorkosUser,
  password: NewPassword,
  { passwordsMoveUpdatedAt }: WorkosDoubleOptions,
): void {
  passwords.set(user.id, password);
  if (passwordsMoveUpdatedAt) users.change(user, {});
}

/** `code` differs from call to call in the document. */
export function checkStrength(
  password: string,
  code: "password_strength_error" | "password_reset_error",
  { passwordPolicy: { minLength } }: WorkosDoubleOptions,
): void {
  if (password.length >= minLength) return;
  const message = `The password must have at least ${minLength} characters.`;
  throw new ApiError(400, {
    code,
    message: "Password does not meet strength requirements.",
    errors: [{ code: "password_too_short", message }],
  });
}

function hashFrom({
  password_hash = "",
  password_hash_type: type,
  password_salt_position: saltPosition = "suffix",
}: { [K in keyof GivenPassword]: GivenPassword[K] | undefined }): PasswordHash {
  if (type !== "ssha" && type !== "ssha256")
    throw codedError(400, "invalid_password_hash", "The double takes hashes of ssha and ssha256 only.");
  const { algorithm, digestLength } = CHECKABLE[type];
  const bytes = Buffer.from(password_hash.replace(/^\{\w+\}/, ""), "base64");
  if (bytes.length <= digestLength)
    throw codedError(400, "invalid_password_hash", "The hash is no digest with a salt behind it.");
  const [digest, salt] = [bytes.subarray(0, digestLength), bytes.subarray(digestLength)];
  return { algorithm, saltPosition, digest, salt };
}

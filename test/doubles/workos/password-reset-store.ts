import { randomBytes } from "node:crypto";
import { ListedStore, type Stamp } from "./listed-store.ts";
import type { WorkosUser } from "./user-store.ts";

/** OpenAPI 0.61, `PasswordReset`, which has no `updated_at`. */
export interface WorkosPasswordReset extends Stamp {
  object: "password_reset";
  user_id: string;
  email: string;
  /** A secret: whoever has it sets the password. */
  password_reset_token: string;
  password_reset_url: string;
  expires_at: string;
}

/** The document does not tell how long. */
const VALID_FOR_MS = 3_600_000;

export function createPasswordResetStore(): ListedStore<WorkosPasswordReset> {
  return new ListedStore({
    idPrefix: "password_reset",
    keyOf: ({ password_reset_token }) => password_reset_token,
    countedBy: ({ user_id }) => user_id,
    nameOf: ({ email }) => email,
  });
}

export function passwordResetFor(
  { id, email }: WorkosUser,
  resets: ListedStore<WorkosPasswordReset>,
): WorkosPasswordReset {
  const stamp = resets.stamp();
  const token = randomBytes(18).toString("base64url");
  const url = new URL("https://double.authkit.app/reset-password");
  url.searchParams.set("token", token);
  return {
    object: "password_reset",
    ...stamp,
    user_id: id,
    email,
    password_reset_token: token,
    password_reset_url: url.href,
    expires_at: new Date(Date.parse(stamp.created_at) + VALID_FOR_MS).toISOString(),
  };
}

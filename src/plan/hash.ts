import { createHash } from "node:crypto";

/** Short, and long enough to tell whether something is still what was sent. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 22);
}

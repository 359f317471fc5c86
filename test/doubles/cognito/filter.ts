import type { PoolUser } from "../pool/pool.ts";
import { invalidParameter } from "../shared/aws-error.ts";

/** What ListUsers can search by, from its API reference; custom attributes are not among them. */
const SEARCHABLE: Record<string, (user: PoolUser) => string | undefined> = {
  username: (user) => user.username,
  sub: (user) => user.sub,
  "cognito:user_status": (user) => user.status,
  status: (user) => (user.enabled ? "Enabled" : "Disabled"),
  ...Object.fromEntries(
    ["email", "phone_number", "name", "given_name", "family_name", "preferred_username"].map((name) => [
      name,
      (user: PoolUser) => user.attributes[name],
    ]),
  ),
};

const FILTER = /^\s*([\w:]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*$/;

/** `name = "value"` or `name ^= "start"`; throws InvalidParameterException for any other. */
export function filterOf(text: string): (user: PoolUser) => boolean {
  const [, name = "", operator, escaped = ""] = FILTER.exec(text) ?? [];
  const read = SEARCHABLE[name];
  if (read === undefined) throw invalidParameter("One or more requested attributes do not exist.");
  const wanted = escaped.replaceAll(/\\(.)/g, "$1");
  if (operator === "=") return (user) => read(user) === wanted;
  return (user) => read(user)?.startsWith(wanted) ?? false;
}

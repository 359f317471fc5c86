import type { PoolUser } from "../pool/pool.ts";
import { invalidParameter } from "../shared/aws-error.ts";

/** Those of its API reference's attributes that are told to be searched in one case, or are no text of a person. */
const EXACT: Record<string, (user: PoolUser) => string | undefined> = {
  username: (user) => user.username,
  sub: (user) => user.sub,
  status: (user) => (user.enabled ? "Enabled" : "Disabled"),
};
/** "All searches are case-insensitive" of the developer guide ("Searching for users") holds for the others. */
const IN_ANY_CASE: Record<string, (user: PoolUser) => string | undefined> = {
  "cognito:user_status": (user) => user.status,
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
  const read = EXACT[name] ?? IN_ANY_CASE[name];
  if (read === undefined) throw invalidParameter("One or more requested attributes do not exist.");
  const folded = (value: string) => (EXACT[name] === undefined ? value.toLowerCase() : value);
  const wanted = folded(escaped.replaceAll(/\\(.)/g, "$1"));
  return (user) => {
    const value = read(user);
    if (value === undefined) return false;
    return operator === "=" ? folded(value) === wanted : folded(value).startsWith(wanted);
  };
}

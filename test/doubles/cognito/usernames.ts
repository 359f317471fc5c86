import type { Pool, PoolUser } from "../pool/pool.ts";

/**
 * Whom a typed username means: the username itself, or an attribute that the pool takes instead. Aliases count only
 * when verified; where several users have the same, those who are verified go first. Federated users have no password
 * and are never meant.
 */
export function userNamed(typed: string, pool: Pool): PoolUser | null {
  const wanted = folded(typed, pool);
  const native = pool.users.filter(({ status }) => status !== "EXTERNAL_PROVIDER");
  const named = native.find(({ username }) => folded(username, pool) === wanted);
  if (named !== undefined) return named;
  const attributes = [...pool.usernameAttributes, ...pool.aliasAttributes];
  const holders = attributes.flatMap((name) =>
    native.filter((user) => folded(user.attributes[name] ?? "", pool) === wanted && wanted !== ""),
  );
  const verified = holders.find((user) => attributes.some((name) => isVerified(name, user)));
  if (verified !== undefined || pool.aliasAttributes.length > 0) return verified ?? null;
  return holders[0] ?? null;
}

/** A preferred username cannot be verified. */
function isVerified(name: string, { attributes }: PoolUser): boolean {
  return name === "preferred_username" || attributes[`${name}_verified`] === "true";
}

function folded(text: string, { caseSensitiveUsernames }: Pool): string {
  return caseSensitiveUsernames ? text : text.toLowerCase();
}

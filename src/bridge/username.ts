import type { PoolShape } from "../domain/pool.ts";
import type { PlannedUser } from "../ledger/plan.ts";
import type { Credentials } from "./deps.ts";
import { hasAccountOf } from "./place.ts";

/**
 * Whom Cognito is asked about. A pool that signs people in by their address knows whose it is now: it is asked with what
 * was typed, so that nobody whom the snapshot has with the address, unverified, keeps out whoever verified it. Another
 * pool takes names of accounts alone, which the ledger has, and so does one that tells upper case from lower case.
 */
export function usernameOf(
  { typed, email }: Credentials,
  cluster: readonly PlannedUser[],
  pool: PoolShape | undefined,
): string {
  const asTyped = typed.trim();
  const takesAddresses = pool !== undefined && signsInByAddress(pool);
  if (takesAddresses && !pool.caseSensitiveUsernames) return asTyped;
  const isProven = (user: PlannedUser) => user.email_verified === 1 || hasAccountOf(user, email);
  const [first] = cluster
    .filter((user) => user.native === 1 && user.email === email && (isProven(user) || !takesAddresses))
    .sort(
      (a, b) =>
        Number(hasAccountOf(b, email)) - Number(hasAccountOf(a, email)) ||
        b.email_verified - a.email_verified ||
        b.enabled - a.enabled ||
        a.created_at_ms - b.created_at_ms ||
        (a.sub < b.sub ? -1 : 1),
    );
  return first?.username ?? asTyped;
}

function signsInByAddress({ usernameAttributes, aliasAttributes }: PoolShape): boolean {
  return usernameAttributes.includes("email") || aliasAttributes.includes("email");
}

import type { Migration } from "../domain/migration.ts";
import type { Account, Decision } from "./decide.ts";

/** Somebody whom Cognito lists no more, and whose account stands at the destination. */
export interface EarlierAccount {
  sub: string;
  email: string | null;
}

/**
 * Somebody was deleted in Cognito and signed up again: the account of their address stands under their old sub. Who it
 * belongs to, a person decides: nobody gets a second one, nor the old one. Pure.
 */
export function leaveToEarlier(
  decisions: readonly Decision[],
  accounts: readonly Account[],
  earlier: readonly EarlierAccount[],
  decided: Migration["users"]["decisions"],
): Decision[] {
  if (earlier.length === 0) return [...decisions];
  const taken = new Set(earlier.map(({ email }) => email));
  const late = new Set(
    accounts
      .filter(({ sub, email, written }) => !written && decided[sub] !== "import" && taken.has(email))
      .map(({ sub }) => sub),
  );
  return decisions.map((decision) => {
    const standsFor = decision.mergeInto ?? decision.sub;
    if (decision.action === "skip" || !late.has(standsFor)) return decision;
    return { sub: decision.sub, action: "skip", reason: "signed_up_again", mergeInto: null };
  });
}

/** Whose account has this address; null where nobody's does. */
export function earlierSubOf(email: string | null, earlier: readonly EarlierAccount[]): string | null {
  return earlier.find((one) => one.email === email)?.sub ?? null;
}

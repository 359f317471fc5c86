import type { Migration } from "../domain/migration.ts";
import { type Account, type Around, type Decision, decideCluster, type Policy } from "./decide.ts";

/** Somebody whom Cognito lists no more, and whose account stands at the destination, or stood there. */
export interface EarlierAccount {
  sub: string;
  email: string | null;
  /** True where somebody removed the account at the destination. */
  removed: boolean;
}

/** What is known around people who are decided together. */
export interface PeopleAround extends Pick<Around, "tooMany" | "witnesses"> {
  /** Of their addresses. */
  earlier: readonly EarlierAccount[];
}

/** Decides all accounts that share one cluster key, and leaves addresses to whoever had them. Pure. */
export function decidePeople(
  accounts: readonly Account[],
  policy: Policy,
  { earlier, ...around }: PeopleAround,
): Decision[] {
  const removed = { removedAddresses: removedAddresses(earlier) };
  const decisions = decideCluster(accounts, policy, { ...around, ...removed });
  return leaveToEarlier(decisions, accounts, earlier, policy.users.decisions);
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
  const taken = addressesOf(earlier.filter(({ removed }) => !removed));
  const late = new Set(
    accounts
      .filter(({ sub, email, written }) => !written && decided[sub] !== "import" && taken.has(email ?? ""))
      .map(({ sub }) => sub),
  );
  return decisions.map((decision) => {
    const standsFor = decision.mergeInto ?? decision.sub;
    if (decision.action === "skip" || !late.has(standsFor)) return decision;
    return { sub: decision.sub, action: "skip", reason: "signed_up_again", mergeInto: null };
  });
}

/** Addresses whose account was removed, and of which none stands. */
export function removedAddresses(earlier: readonly EarlierAccount[]): Set<string> {
  const standing = addressesOf(earlier.filter(({ removed }) => !removed));
  const gone = addressesOf(earlier.filter(({ removed }) => removed));
  return new Set([...gone].filter((address) => !standing.has(address)));
}

function addressesOf(earlier: readonly EarlierAccount[]): Set<string> {
  return new Set(earlier.flatMap(({ email }) => email ?? []));
}

/** Whose account has this address, or had it where none stands; undefined where nobody's does. */
export function earlierOf(
  email: string | null,
  earlier: readonly EarlierAccount[],
): EarlierAccount | undefined {
  const own = earlier.filter((one) => one.email === email);
  return own.find(({ removed }) => !removed) ?? own[0];
}

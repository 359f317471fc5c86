import { MAX_CLUSTER } from "./decide.ts";

export interface LinkedAccount {
  sub: string;
  emailVerified: boolean;
  native: boolean;
  createdAtMs: number;
  clusterKey: string;
}

/**
 * Accounts that hold the same identity are one person by Cognito's own word: all take the cluster key of the first
 * of them (verified before unverified, native before federated, earliest created, sub). Pure.
 * Verified first: the e-mail of an unverified account may be somebody else's, so it draws nobody to that person.
 */
export function sharedKey(holders: readonly LinkedAccount[]): string | null {
  if (holders.length < 2 || holders.length > MAX_CLUSTER) return null;
  const [first] = [...holders].sort(
    (a, b) =>
      Number(b.emailVerified) - Number(a.emailVerified) ||
      Number(b.native) - Number(a.native) ||
      a.createdAtMs - b.createdAtMs ||
      (a.sub < b.sub ? -1 : 1),
  );
  return first?.clusterKey ?? null;
}

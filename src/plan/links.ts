import { MAX_CLUSTER } from "./decide.ts";
import { isKeyOfOne } from "./normalize.ts";

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
 * Verified first: the e-mail of an unverified account may be somebody else's, so it draws nobody to that person. One
 * whose address is never compared stands for no address either.
 */
export function sharedKey(holders: readonly LinkedAccount[]): string | null {
  if (holders.length < 2 || holders.length > MAX_CLUSTER) return null;
  const [first] = [...holders].sort(
    (a, b) =>
      Number(isVerifiedAddress(b)) - Number(isVerifiedAddress(a)) ||
      Number(b.native) - Number(a.native) ||
      a.createdAtMs - b.createdAtMs ||
      (a.sub < b.sub ? -1 : 1),
  );
  return first?.clusterKey ?? null;
}

/**
 * The clusters that come whole when these take a shared key: a verified account brings everybody along who has its key, so
 * that an address that is verified never stands in two clusters. An unverified one comes alone: its address may be
 * somebody else's. Pure.
 */
export function clustersBrought(
  holders: readonly Pick<LinkedAccount, "emailVerified" | "clusterKey">[],
): Set<string> {
  return new Set(holders.filter(({ emailVerified }) => emailVerified).map(({ clusterKey }) => clusterKey));
}

function isVerifiedAddress({ emailVerified, clusterKey }: LinkedAccount): boolean {
  return emailVerified && !isKeyOfOne(clusterKey);
}

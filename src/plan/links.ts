import { MAX_CLUSTER } from "./decide.ts";

export interface LinkedAccount {
  sub: string;
  native: boolean;
  createdAtMs: number;
  clusterKey: string;
}

/**
 * Accounts that hold the same identity are one person by Cognito's own word: all take the cluster key of the first
 * of them (native before federated, earliest created, sub). Pure.
 */
export function sharedKey(holders: readonly LinkedAccount[]): string | null {
  if (holders.length < 2 || holders.length > MAX_CLUSTER) return null;
  const [first] = [...holders].sort(
    (a, b) => Number(b.native) - Number(a.native) || a.createdAtMs - b.createdAtMs || (a.sub < b.sub ? -1 : 1),
  );
  return first?.clusterKey ?? null;
}

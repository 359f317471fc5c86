import type { Destination } from "../destinations/destination.ts";
import type { CallKind, Migration } from "../migration.ts";

/** The pace rows of a destination: one per environment and kind, whoever calls it. */
export function destinationPaceKey(destination: Destination, kind: CallKind): string {
  return `${destination.kind}/${destination.environment}/${kind}`;
}

/** Cognito counts per account and region; before the account is known, the pool stands for it. */
export function pagesPaceKey(source: Migration["source"], accountId: string | null): string {
  return `cognito/${accountId ?? source.userPoolId}/${source.region}/pages`;
}

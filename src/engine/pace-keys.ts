import type { Destination } from "../destinations/destination.ts";
import type { CallKind, Migration } from "../domain/migration.ts";

/** Which destination, and which part of it, calls go to. */
export type Environment = Pick<Destination, "kind" | "environment">;

/** The pace rows of a destination: one per environment and kind, whoever calls it. */
export function destinationPaceKey(destination: Environment, kind: CallKind): string {
  return `${destination.kind}/${destination.environment}/${kind}`;
}

/** The leases for calls in flight of one sender: one row set per environment, whoever sends. */
export function callsInFlightKey(destination: Environment, sender: string): string {
  return `${destination.kind}/${destination.environment}/${sender}`;
}

/** Cognito counts per account and region; before the account is known, the pool stands for it. */
export function pagesPaceKey(source: Migration["source"], accountId: string | null): string {
  return `cognito/${accountId ?? source.userPoolId}/${source.region}/pages`;
}

/** Cognito counts calls about a pool's set-up per operation and pool. */
export function configurationPaceKey(source: Migration["source"]): string {
  return `cognito/${source.userPoolId}/${source.region}/configuration`;
}

/** AWS allows 5 a second of each operation and pool ("Quotas in Amazon Cognito"); one is left to others. */
export const CONFIGURATION_CALLS_PER_SECOND = 4;

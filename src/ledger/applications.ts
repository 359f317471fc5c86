import type { Db } from "./ledger.ts";
import { type Placed, placedAfter } from "./placed.ts";
import { slicesAfter } from "./slices.ts";

/** What an app client became at the destination. */
export interface KnownApplication {
  /** Cognito's. */
  clientId: string;
  destinationClientId: string;
  /** The destination's id of the secret that is in the store; null for a public client. */
  secretId: string | null;
}

/** What is kept of an application beside its id. */
export type ApplicationDetails = Omit<KnownApplication, "clientId">;

const SLICE = 500;

/** All that stand, in order of client id. */
export async function readApplications(db: Db, migrationId: number): Promise<KnownApplication[]> {
  const all: KnownApplication[] = [];
  const slices = slicesAfter(
    "",
    ({ key }: Placed) => key,
    (after) => placedAfter(db, migrationId, "application", after, SLICE),
  );
  for await (const slice of slices)
    for (const { key, state, details } of slice) {
      if (state !== "standing" || details === null) continue;
      // Written with ApplicationDetails only.
      all.push({ clientId: key, ...(JSON.parse(details) as ApplicationDetails) });
    }
  return all;
}

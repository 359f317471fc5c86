import type { Db } from "./ledger.ts";
import { type Placed, placedAfter } from "./placed.ts";

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
  for (let after = ""; ; ) {
    const slice: Placed[] = await placedAfter(db, migrationId, "application", after, SLICE);
    for (const { key, state, details } of slice) {
      if (state !== "standing" || details === null) continue;
      // Written with ApplicationDetails only.
      all.push({ clientId: key, ...(JSON.parse(details) as ApplicationDetails) });
    }
    const last = slice.at(-1);
    if (last === undefined) return all;
    after = last.key;
  }
}

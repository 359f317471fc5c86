import type { Purge } from "../ledger/runs.ts";

/** What a purge leaves unknown, for whoever reads what is told after it; null where nothing is. */
export function purgeText(purge: Purge | null): string | null {
  if (purge === null || purge.isReadAnew) return null;
  if (purge.purgedAtMs === null)
    return "A purge of personal data was begun and has not ended: what is told here may be a part of it. `./spillway purge POOL` goes on with it.";
  const when = `on ${new Date(purge.purgedAtMs).toISOString()}`;
  return purge.isIdMapGone
    ? `Everything that the ledger knew of this migration was purged ${when}, who became which account too.`
    : `Personal data was purged from the ledger ${when}: who became which account is known, and nothing of what was in the accounts.`;
}

import { ledgerNowMs } from "../ledger/dialect.ts";
import type { Ledger } from "../ledger/ledger.ts";

/**
 * What the ledger's clock shows, without asking it each time: it was asked once, and a monotonic clock tells how long
 * ago, in whole milliseconds. A machine that slept tells too early a time, so that whatever waits for an age waits longer.
 */
export async function ledgerClock(ledger: Ledger): Promise<() => number> {
  const ledgerAtMs = await ledger.read((db) => ledgerNowMs(db));
  const ownAtMs = performance.now();
  return () => ledgerAtMs + Math.floor(performance.now() - ownAtMs);
}

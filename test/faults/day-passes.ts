import type { Stage } from "./stage.ts";

/** What was written a moment ago and does not show may only lag: of what is older, absence counts. */
export async function dayPasses(stage: Stage): Promise<void> {
  await stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
}

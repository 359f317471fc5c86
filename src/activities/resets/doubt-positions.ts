import type { RunRef } from "../../domain/contract.ts";
import { ownValue } from "../../domain/own-value.ts";
import { cursorId } from "../../engine/steps.ts";
import { moveCursor, readCursor, takeCursor } from "../../ledger/cursors.ts";
import type { Ledger } from "../../ledger/ledger.ts";

/**
 * How far the destination's record was read for somebody in doubt, by account, where one reading did not come to its end:
 * whoever reads on, after a crash too, need not begin at the front.
 */
export interface DoubtPositions {
  /** By the destination's clock; undefined where no reading was broken off. */
  of(userId: string): number | undefined;
  keep(fromMs: ReadonlyMap<string, number>): Promise<void>;
}

export async function openDoubtPositions(
  ledger: Ledger,
  run: RunRef,
  fence: number,
): Promise<DoubtPositions> {
  const id = cursorId(run, "mail_doubts");
  let { counters } = await readCursor(ledger, id);
  return {
    of: (userId) => ownValue(counters, userId),
    async keep(fromMs) {
      const cursor = await takeCursor(ledger, id, fence);
      counters = { ...cursor.counters, ...Object.fromEntries(fromMs) };
      await ledger.writeSoon((tx) => moveCursor(tx, id, fence, { ...cursor, counters }));
    },
  };
}

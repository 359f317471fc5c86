import { type Cursor, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { markRemoved, markSeen, unseenAfter, type WrittenUser } from "../../ledger/verification.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { cursorId, step } from "../steps.ts";
import { ask, type Verifying } from "./verifying.ts";

const SLICE_ITEMS = 200;
/** A look-up may lag behind a write: only after this long is a miss believed. */
const ABSENT_AFTER_MS = 60_000;
const MISS_RETRY_MS = 2_000;

/** Asks one by one for those whom the listing did not show. */
export async function confirmMisses(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const id = cursorId(verifying.run, "verify:misses");
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && Date.now() < until) {
    const after = Number(cursor.position ?? 0);
    const misses = await ledger.read((db) =>
      unseenAfter(db, run.migrationId, run.generation, after, SLICE_ITEMS),
    );
    let last = after;
    for (const item of misses) {
      if (Date.now() >= until) break;
      const stopped = await confirm(verifying, item);
      if (stopped !== null) return stopped;
      last = item.ordinal;
    }
    const next = { ...cursor, position: String(last), done: misses.length === 0 };
    await step(verifying, (tx) => moveCursor(tx, id, pulse.fence, next));
    cursor = next;
  }
  return cursor;
}

/** A listing may miss someone who came while it ran, and a look-up may lag: only time makes absence certain. */
async function confirm(verifying: Verifying, item: WrittenUser): Promise<Blocked | null> {
  const { ledger, destination, pulse, run } = verifying;
  for (;;) {
    const askedAtMs = await ledger.read((db) => ledgerNowMs(db));
    const answer = await ask(verifying, () => destination.findUser(item.sub), Number.POSITIVE_INFINITY);
    if (answer.status === "blocked") return answer;
    const isFound = answer.status === "answered" && answer.value !== null;
    if (isFound) {
      await step(verifying, (tx) => markSeen(tx, run.migrationId, run.generation, [item.ordinal]));
      return null;
    }
    if (answer.status === "answered" && askedAtMs - (item.settledAtMs ?? 0) > ABSENT_AFTER_MS) {
      await step(verifying, (tx) => markRemoved(tx, run.migrationId, item.ordinal));
      return null;
    }
    await pulse.wait(MISS_RETRY_MS);
  }
}

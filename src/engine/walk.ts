import { setImmediate } from "node:timers/promises";
import type { SourcePage } from "../cognito/source.ts";
import { blocked } from "../domain/blocked.ts";
import type { Blocked, Progress } from "../domain/contract.ts";
import { type Cursor, type CursorId, takeCursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { SourceResult } from "./ask-source.ts";
import type { WorkPulse } from "./heartbeat.ts";
import { type PageStore, PageWriter } from "./page-writer.ts";

/** An activity ends after this, so that progress is seen and history grows by little. */
const SHARE_MS = 60_000;
/** A chain that was started again this often without one new user gets nowhere. */
const MAX_FRUITLESS_RESTARTS = 3;

export interface Walk<Packed> {
  fetch: (token: string | null) => Promise<SourceResult<SourcePage>>;
  store: PageStore<Packed>;
}

/** Follows a chain of pages from where its cursor stands. The next page is on its way while others are written. */
export async function walk<Packed>(
  ledger: Ledger,
  pulse: WorkPulse,
  id: CursorId,
  { fetch, store }: Walk<Packed>,
): Promise<Progress | Blocked> {
  const writer = new PageWriter(ledger, pulse, id, store, await takeCursor(ledger, id, pulse.fence));
  const untilMs = performance.now() + SHARE_MS;
  let coming = writer.cursor.done ? undefined : fetch(writer.cursor.position);
  while (coming !== undefined) {
    let result: SourceResult<SourcePage>;
    try {
      result = await coming;
    } catch (error) {
      // What was read is kept, whatever ends the walk.
      await writer.drain();
      throw error;
    }
    coming = undefined;
    if (result.status === "blocked") {
      await writer.drain();
      return result;
    }
    if (result.status === "dead_token") {
      await writer.drain();
      await writer.moveTo(restart(writer.cursor));
      if ((writer.cursor.counters.fruitless ?? 0) >= MAX_FRUITLESS_RESTARTS) return blocked("snapshot_stuck");
      coming = fetch(null);
      continue;
    }
    const { nextToken } = result.value;
    const goesOn = nextToken !== null && performance.now() < untilMs && !pulse.signal.aborted;
    if (goesOn) {
      coming = fetch(nextToken);
      // It is awaited in the next round; a failure of the writer must not leave it unheard.
      coming.catch(() => undefined);
    }
    // Lets the request go out first: what is done here then costs no time while it is answered.
    await setImmediate();
    await writer.add(result.value);
  }
  await writer.drain();
  pulse.throwIfCancelled();
  return progressOf(writer.cursor);
}

function progressOf({ done, counters }: Cursor): Progress {
  const { users = 0 } = counters;
  const totals = { done: users, failed: 0, skipped: 0, of: done ? users : null };
  return { status: done ? "complete" : "more", totals };
}

/** The chain from its first page again; rows are upserted by sub, so nothing doubles. */
function restart(cursor: Cursor): Cursor {
  const { users = 0, restarts = 0, usersAtRestart = 0, fruitless = 0 } = cursor.counters;
  // A run that an operator resumed after it got nowhere has its tries again.
  const soFar = fruitless >= MAX_FRUITLESS_RESTARTS ? 0 : fruitless;
  const gainedNothing = restarts > 0 && users === usersAtRestart;
  return {
    position: null,
    done: false,
    counters: {
      ...cursor.counters,
      restarts: restarts + 1,
      usersAtRestart: users,
      fruitless: gainedNothing ? soFar + 1 : 0,
    },
  };
}

import { CLOCK_TOLERANCE_MS } from "../../destinations/sending.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import { askDestination, type DestinationTools } from "../../engine/ask-destination.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { type Cursor, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { noteShown, noteUnknownAccounts } from "../../ledger/undo.ts";
import { restarted, stuck } from "../verify/restarts.ts";

const WALK = "undo:unknown";

export interface Finding extends DestinationTools {
  ledger: Ledger;
  run: RunRef;
}

/**
 * Lists the destination once for accounts that have the key of somebody of this pool, and of which this ledger knows nothing:
 * one that was restored from a back-up has forgotten what was made after it. Nothing proves who made them, so they are named
 * and left. Whom the list shows of those who stand here is noted. A destination that lists nobody is not asked.
 */
export async function findUnknown(finding: Finding, until: number): Promise<Cursor | Blocked> {
  const { ledger, run, pulse } = finding;
  const id = cursorId(run, WALK);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    const next = await nextOf(finding, cursor);
    if ("status" in next) return next;
    cursor = await step(finding, async (tx) => {
      await noteUnknownAccounts(tx, run.migrationId, next.keys, next.seenAtMs + CLOCK_TOLERANCE_MS);
      await noteShown(tx, run, next.ids);
      await moveCursor(tx, id, pulse.fence, next.cursor);
      return next.cursor;
    });
  }
  return cursor;
}

/** The list is read from its start again. */
export async function findAgain(finding: Finding): Promise<void> {
  const id = cursorId(finding.run, WALK);
  const start = { position: null, done: false, counters: {} };
  await step(finding, (tx) => moveCursor(tx, id, finding.pulse.fence, start));
}

interface Listed {
  /** Ours, or somebody else's. */
  keys: string[];
  /** As the destination calls these accounts. */
  ids: string[];
  seenAtMs: number;
  cursor: Cursor;
}

async function nextOf(finding: Finding, { position, counters }: Cursor): Promise<Listed | Blocked> {
  const { ledger, destination } = finding;
  const seenAtMs = await ledger.read((db) => ledgerNowMs(db));
  const { users } = destination;
  const ended = { position, done: true, counters };
  if (users.list === undefined) return { keys: [], ids: [], seenAtMs, cursor: ended };
  const page = await askDestination(finding, () => users.list(position));
  switch (page.status) {
    case "answered": {
      const { users: found, nextCursor } = page.value;
      const keys = found.flatMap(({ externalId }) => (externalId === null ? [] : [externalId]));
      const cursor = nextCursor === null ? ended : { position: nextCursor, done: false, counters };
      return { keys, ids: found.map(({ id }) => id), seenAtMs, cursor };
    }
    case "refused":
      return blocked("listing_refused", { detail: `the list of users: ${page.code}` });
    case "dead_cursor": {
      const restarts = restarted(counters);
      if (restarts === null) return stuck("users");
      return { keys: [], ids: [], seenAtMs, cursor: { position: null, done: false, counters: restarts } };
    }
    case "blocked":
      return page;
  }
}

import type { UserPage } from "../../destinations/destination.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { markSeen, writtenAmong } from "../../ledger/verification.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { cursorId, step } from "../steps.ts";
import { Tally } from "../tally.ts";
import { compare } from "./compare.ts";
import { ask, MAX_OUTAGES_PER_CURSOR, type Verifying } from "./verifying.ts";

/** Lists the destination from where the cursor stands, and marks everyone found. */
export async function listDestination(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const id = cursorId(verifying.run, "verify");
  let cursor = await takeCursor(verifying.ledger, id, verifying.pulse.fence);
  while (!cursor.done && Date.now() < until) {
    const from = cursor;
    const list = () => verifying.destination.listUsers(from.position);
    const page = await ask(verifying, list, MAX_OUTAGES_PER_CURSOR);
    if (page.status === "blocked") return page;
    cursor =
      page.status === "outage"
        ? await startAgain(verifying, id)
        : await store(verifying, id, from, page.value);
    verifying.pulse.show({ seen: cursor.counters.seen ?? 0 });
  }
  return cursor;
}

function store(verifying: Verifying, id: CursorId, from: Cursor, page: UserPage): Promise<Cursor> {
  const { run } = verifying;
  return step(verifying, async (tx) => {
    const tally = new Tally(from.counters);
    const found = new Map(page.users.map((user) => [user.externalId ?? "", user]));
    const written = await writtenAmong(tx, run.migrationId, [...found.keys()]);
    const seen = written.filter((item) => compare(verifying, item, found.get(item.sub), tally));
    const ordinals = seen.map((item) => item.ordinal);
    await markSeen(tx, run, "users", ordinals);
    tally.add("seen", seen.length);
    const next = { position: page.nextCursor, done: page.nextCursor === null, counters: tally.all() };
    await moveCursor(tx, id, verifying.pulse.fence, next);
    return next;
  });
}

function startAgain(verifying: Verifying, id: CursorId): Promise<Cursor> {
  const next = { position: null, done: false, counters: {} };
  return step(verifying, async (tx) => {
    await moveCursor(tx, id, verifying.pulse.fence, next);
    return next;
  });
}

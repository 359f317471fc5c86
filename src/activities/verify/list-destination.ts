import type { UserPage, Users } from "../../destinations/destination.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import { type Asked, askDestination } from "../../engine/ask-destination.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { type Counters, type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { noteDifferences } from "../../ledger/differences.ts";
import { placedAfter } from "../../ledger/placed.ts";
import { markSeen, writtenAmong } from "../../ledger/verification.ts";
import { compare, STRANGERS, tellGivenAway } from "./compare.ts";
import { followAccount, keysGivenAway, type MovedKey, movedKeys } from "./follow-account.ts";
import { NO_RESTARTS, restarted, stuck } from "./restarts.ts";
import { Told } from "./told.ts";
import type { Verifying } from "./verifying.ts";

const WALK = "verify";

/** What one transaction marks, where a look-up finds more. */
const MAX_LOOKED_UP = 2_000;

/** Lists the destination from where the cursor stands, or asks it for many a call, and marks everyone found. */
export async function listDestination(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const id = cursorId(verifying.run, WALK);
  let cursor = await takeCursor(verifying.ledger, id, verifying.pulse.fence);
  while (!cursor.done && performance.now() < until) {
    const next = await listOnePage(verifying, id, cursor);
    if ("status" in next) return next;
    cursor = next;
    verifying.pulse.show({ seen: cursor.counters.seen ?? 0 });
  }
  return cursor;
}

async function listOnePage(verifying: Verifying, id: CursorId, from: Cursor): Promise<Cursor | Blocked> {
  const page = await askForPage(verifying, from.position);
  switch (page.status) {
    case "answered":
      return store(verifying, id, from, page.value);
    case "refused":
      return blocked("listing_refused", { detail: `the list of users: ${page.code}` });
    case "dead_cursor": {
      // What was counted is counted again from the start.
      const restarts = restarted(from.counters);
      const next = await startAgain(verifying, restarts ?? NO_RESTARTS);
      return restarts === null ? stuck("users") : next;
    }
    case "blocked":
      return page;
  }
}

async function askForPage(verifying: Verifying, position: string | null): Promise<Asked<UserPage>> {
  const { users } = verifying.destination;
  return users.list === undefined
    ? askForSlice(verifying, users, position)
    : askDestination(verifying, () => users.list(position));
}

/** Those of the ledger's next slice that are there, behind the key that is the cursor. */
async function askForSlice(
  verifying: Verifying,
  users: Extract<Users, { list?: never }>,
  position: string | null,
): Promise<Asked<UserPage>> {
  const { ledger, destination, run } = verifying;
  const size = Math.min(destination.facts.usersPerPage, MAX_LOOKED_UP);
  const slice = await ledger.read((db) => placedAfter(db, run.migrationId, "user", position ?? "", size));
  const keys = slice.map(({ key }) => key);
  const nextCursor = slice.length < size ? null : (keys.at(-1) ?? null);
  if (keys.length === 0) return { status: "answered", value: { users: [], unreadable: [], nextCursor } };
  const found = await askDestination(verifying, () => users.findMany(keys));
  return found.status === "answered" ? { ...found, value: { ...found.value, nextCursor } } : found;
}

async function store(
  verifying: Verifying,
  id: CursorId,
  from: Cursor,
  page: UserPage,
): Promise<Cursor | Blocked> {
  let givenAway: ReadonlySet<string> | null = null;
  for (;;) {
    const stored: Cursor | { moved: readonly MovedKey[] } = await storePage(
      verifying,
      id,
      from,
      page,
      givenAway,
    );
    if (!("moved" in stored)) return stored;
    const asked = await keysGivenAway(verifying, stored.moved);
    if ("status" in asked) return asked;
    givenAway = asked;
  }
}

/** Stores nothing while keys are with other accounts than the ledger says, and nobody knows which of these were given away. */
async function storePage(
  verifying: Verifying,
  id: CursorId,
  from: Cursor,
  page: UserPage,
  givenAway: ReadonlySet<string> | null,
): Promise<Cursor | { moved: readonly MovedKey[] }> {
  const { run } = verifying;
  return step(verifying, async (tx) => {
    const told = new Told(new Tally(from.counters));
    const found = new Map(page.users.map((user) => [user.externalId ?? "", user]));
    const written = await writtenAmong(tx, run, [...found.keys()]);
    const moved = givenAway === null ? movedKeys(written, found) : [];
    if (moved.length > 0) return { moved };
    const seen = written.filter((item) =>
      givenAway?.has(item.sub)
        ? tellGivenAway(item, told)
        : compare(verifying, item, found.get(item.sub), told),
    );
    const subs = seen.map((item) => item.sub);
    for (const { sub, placed } of seen)
      if (!givenAway?.has(sub)) await followAccount(tx, run.migrationId, sub, placed, found.get(sub));
    await markSeen(tx, run, "user", subs);
    await noteDifferences(tx, run, told.rows);
    told.tally.add("seen", seen.length);
    told.tally.add(STRANGERS, page.users.length - written.length);
    const next = { position: page.nextCursor, done: page.nextCursor === null, counters: told.tally.all() };
    await moveCursor(tx, id, verifying.pulse.fence, next);
    return next;
  });
}

/** From its start, with these counters. */
export function startAgain(verifying: Verifying, counters: Counters): Promise<Cursor> {
  return moveListing(verifying, { position: null, done: false, counters });
}

/** For the attempt that took the walk. */
export function moveListing(verifying: Verifying, next: Cursor): Promise<Cursor> {
  return step(verifying, async (tx) => {
    await moveCursor(tx, cursorId(verifying.run, WALK), verifying.pulse.fence, next);
    return next;
  });
}

import type { FoundMember } from "../../destinations/structure.ts";
import { blocked } from "../../domain/blocked.ts";
import type { Blocked } from "../../domain/contract.ts";
import { askDestination } from "../../engine/ask-destination.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { type Counters, type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { noteDifferences } from "../../ledger/differences.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { type Placed, placedAfter } from "../../ledger/placed.ts";
import { markSeen, writtenMemberships } from "../../ledger/verification.ts";
import { membershipKey } from "../../plan/keys.ts";
import { SURPLUS, surplusMember, tellMember } from "./compare-memberships.ts";
import { NO_RESTARTS, restarted, stuck } from "./restarts.ts";
import { Told } from "./told.ts";
import type { Verifying } from "./verifying.ts";
import { peopleOf } from "./whose-memberships.ts";

export const MEMBERSHIPS_WALK = "verify:memberships";

/** Where the walk stands: behind an organization, in order of keys. */
interface Place {
  after: string;
  /** The destination's cursor into the list of the next organization; null at its start. */
  page: string | null;
}

const START: Place = { after: "", page: null };

/** Lists the memberships of each organization from where the cursor stands, and marks those found. */
export async function listMemberships(verifying: Verifying, until: number): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const id = cursorId(run, MEMBERSHIPS_WALK);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const next = await listOnePage(verifying, id, cursor);
    if ("status" in next) return next;
    cursor = next;
  }
  return cursor;
}

async function listOnePage(verifying: Verifying, id: CursorId, from: Cursor): Promise<Cursor | Blocked> {
  const { ledger, destination, run } = verifying;
  // Written by `store` only.
  const place = from.position === null ? START : (JSON.parse(from.position) as Place);
  const { after, page } = place;
  const [organization] = await ledger.read((db) =>
    placedAfter(db, run.migrationId, "organization", after, 1),
  );
  if (organization === undefined) return store(verifying, id, place, { ...from, done: true });
  const { key, destinationId, state } = organization;
  const behind: Place = { after: key, page: null };
  if (destinationId === null || state !== "standing") return store(verifying, id, behind, from);

  const list = () => destination.memberships.list(destinationId, page);
  const listed = await askDestination(verifying, list);
  if (listed.status === "blocked") return listed;
  if (listed.status === "refused")
    return blocked("listing_refused", { detail: `a list of memberships: ${listed.code}` });
  if (listed.status === "dead_cursor") return startAgain(verifying, id, { ...place, page: null }, from);
  const { members, nextCursor } = listed.value;
  const people = await peopleOf(verifying, members);
  const marking = (tx: Tx, told: Told) => mark(verifying, tx, organization, people, told);
  if (nextCursor !== null) return store(verifying, id, { ...place, page: nextCursor }, from, marking);
  return store(verifying, id, behind, counting(from, NO_RESTARTS), marking);
}

/** Reads the organization's list again from its start. */
async function startAgain(
  verifying: Verifying,
  id: CursorId,
  to: Place,
  from: Cursor,
): Promise<Cursor | Blocked> {
  const restarts = restarted(from.counters);
  const next = await store(verifying, id, to, counting(from, restarts ?? NO_RESTARTS));
  return restarts === null ? stuck("an organization's memberships") : next;
}

function counting(cursor: Cursor, restarts: Counters): Cursor {
  return { ...cursor, counters: { ...cursor.counters, ...restarts } };
}

/** Moves the walk, in the transaction of what the page yielded. */
function store(
  verifying: Verifying,
  id: CursorId,
  to: Place,
  from: Cursor,
  yielded: (tx: Tx, told: Told) => Promise<void> = async () => {},
): Promise<Cursor> {
  return step(verifying, async (tx) => {
    const told = new Told(new Tally(from.counters));
    await yielded(tx, told);
    await noteDifferences(tx, verifying.run, told.rows);
    const next = { position: JSON.stringify(to), done: from.done, counters: told.tally.all() };
    await moveCursor(tx, id, verifying.pulse.fence, next);
    return next;
  });
}

/** Those that are marked already were counted then, and strangers that are noted: a list may start again. */
async function mark(
  { run }: Verifying,
  tx: Tx,
  organization: Placed,
  people: ReadonlyMap<FoundMember, string>,
  told: Told,
): Promise<void> {
  const found = new Map(
    [...people].map(([member, sub]) => [membershipKey({ sub, organization: organization.key }), member]),
  );
  const written = await writtenMemberships(tx, run, [...found.keys()]);
  const unseen = written.filter(({ isSeen }) => !isSeen);
  for (const item of unseen) {
    const member = found.get(item.key);
    if (member !== undefined) tellMember(item, member, told);
  }
  if (organization.how === "created") {
    const known = new Set(written.map(({ key }) => key));
    const strangers = [...found.keys()].filter((key) => !known.has(key)).map(surplusMember);
    // Another system's key may be an address: the destination's own id is none.
    for (const { key } of await noteDifferences(tx, run, strangers))
      told.count(SURPLUS, found.get(key)?.userId ?? "");
  }
  await markSeen(
    tx,
    run,
    "membership",
    unseen.map(({ key }) => key),
  );
}

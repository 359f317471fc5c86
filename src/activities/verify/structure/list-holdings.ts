import type { FoundPage, Holdings } from "../../../destinations/destination.ts";
import { blocked } from "../../../domain/blocked.ts";
import type { Blocked } from "../../../domain/contract.ts";
import { askDestination } from "../../../engine/ask-destination.ts";
import { cursorId, step } from "../../../engine/steps.ts";
import { Tally } from "../../../engine/tally.ts";
import {
  type Counters,
  type Cursor,
  type CursorId,
  moveCursor,
  takeCursor,
} from "../../../ledger/cursors.ts";
import { noteDifferences } from "../../../ledger/differences.ts";
import { noteMadeAnew } from "../../../ledger/placed.ts";
import { markSeen } from "../../../ledger/verification.ts";
import { NO_RESTARTS, restarted, stuck } from "../restarts.ts";
import { Told } from "../told.ts";
import type { Verifying } from "../verifying.ts";
import type { Compared, Known, Written } from "./compared.ts";
import { STRANGERS, SURPLUS } from "./counters.ts";
import { findStanding } from "./find-standing.ts";
import { exampleOf, knownThings, tellThing } from "./written.ts";

export interface Identified {
  id: string;
}

/** What a page shows of one kind, beside the ledger. */
interface Judged<Found> {
  /** What stands by the ledger. `isAnew`: it took the place of what is gone. */
  ours: { found: Found; written: Written; isAnew: boolean }[];
  /** Of this pool, and nobody here made it. */
  surplus: { found: Found; key: string }[];
  strangers: number;
}

/** Lists what the destination holds of a kind from where the cursor stands, compares it, and marks what stands. */
export async function listHoldings<Found extends Identified>(
  verifying: Verifying,
  compared: Compared<Found>,
  list: NonNullable<Holdings<Found>["list"]>,
  name: string,
  until: number,
): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const id = cursorId(run, name);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const { position, counters } = cursor;
    const page = await askDestination(verifying, () => list(position));
    if (page.status === "blocked") return page;
    if (page.status === "refused")
      return blocked("listing_refused", { detail: `the list of ${compared.rows}: ${page.code}` });
    if (page.status === "dead_cursor") {
      const restarts = restarted(counters);
      // What was counted is counted again from the start.
      cursor = await startAgain(verifying, id, restarts ?? NO_RESTARTS);
      if (restarts === null) return stuck(compared.rows);
      continue;
    }
    const judged = await judge(verifying, compared, page.value);
    if ("status" in judged) return judged;
    cursor = await store(verifying, compared, id, cursor, judged, page.value.nextCursor);
  }
  return cursor;
}

async function judge<Found extends Identified>(
  verifying: Verifying,
  compared: Compared<Found>,
  page: FoundPage<Found>,
): Promise<Judged<Found> | Blocked> {
  const { kind, keysOf, carriesKeyOf, isOfPool, mayHaveTwins } = compared;
  const known = await knownThings(verifying, kind, [...new Set(page.found.flatMap(keysOf))]);
  const judged: Judged<Found> = { ours: [], surplus: [], strangers: 0 };
  const anew = new Set<string>();
  for (const found of page.found) {
    const keys = keysOf(found);
    const things = keys.flatMap((key) => known.get(key) ?? []);
    const standing = things.filter(isStanding);
    const own = standing.find(({ placed }) => placed.destinationId === found.id);
    const like = things.find((thing) => carriesKeyOf(found, thing));
    if (own !== undefined) judged.ours.push({ found, written: own, isAnew: false });
    else if (like !== undefined && isStanding(like) && !anew.has(like.key)) {
      const gone = await isGone(verifying, compared, like);
      if (typeof gone === "object") return gone;
      if (gone) {
        anew.add(like.key);
        judged.ours.push({ found, written: like, isAnew: true });
      } else if (mayHaveTwins) judged.surplus.push({ found, key: like.key });
    } else if (like !== undefined || isOfPool(found))
      judged.surplus.push({ found, key: like?.key ?? keys[0] ?? found.id });
    else judged.strangers += 1;
  }
  return judged;
}

function isStanding(known: Known): known is Written {
  return known.placed !== null && known.placed.state !== "in_doubt";
}

/** Whether what stands by the ledger is not there any more, so that another one may stand in its place. */
async function isGone<Found>(
  verifying: Verifying,
  compared: Compared<Found>,
  { placed }: Written,
): Promise<boolean | Blocked> {
  const answer = await findStanding(verifying, compared, placed);
  if (answer.status === "blocked") return answer;
  return answer.status === "certain" && answer.found === null;
}

function startAgain(verifying: Verifying, id: CursorId, counters: Counters): Promise<Cursor> {
  const next = { position: null, done: false, counters };
  return step(verifying, async (tx) => {
    await moveCursor(tx, id, verifying.pulse.fence, next);
    return next;
  });
}

function store<Found extends Identified>(
  verifying: Verifying,
  compared: Compared<Found>,
  id: CursorId,
  from: Cursor,
  { ours, surplus, strangers }: Judged<Found>,
  nextCursor: string | null,
): Promise<Cursor> {
  const { run, pulse } = verifying;
  const { kind } = compared;
  return step(verifying, async (tx) => {
    const told = new Told(new Tally(from.counters));
    for (const { found, written } of ours) tellThing(compared, found, written, told);
    for (const { found, key } of surplus) {
      told.count(SURPLUS, exampleOf(key));
      told.row(kind, key, "surplus", compared.mayHaveTwins ? `id ${found.id}` : "");
    }
    told.tally.add(STRANGERS, strangers);
    for (const { found, written, isAnew } of ours)
      if (isAnew)
        await noteMadeAnew(
          tx,
          run.migrationId,
          { kind, key: written.key },
          found.id,
          compared.detailsOf(found),
        );
    await noteDifferences(tx, run, told.rows);
    await markSeen(
      tx,
      run,
      kind,
      ours.map(({ written }) => written.key),
    );
    const next = { position: nextCursor, done: nextCursor === null, counters: told.tally.all() };
    await moveCursor(tx, id, pulse.fence, next);
    return next;
  });
}

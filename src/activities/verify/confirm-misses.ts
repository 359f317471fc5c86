import type { Answer } from "../../destinations/destination.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { lastOrdinal } from "../../ledger/plan.ts";
import { markRemoved, markSeen, type Unseen, unseenBetween } from "../../ledger/verification.ts";
import type { ItemPhase } from "../../phases.ts";
import type { Blocked } from "../../workflows/contract.ts";
import { cursorId, step } from "../steps.ts";
import { Tally } from "../tally.ts";
import { ask, type Verifying } from "./verifying.ts";

/** Work items that one statement looks through. */
const SLICE_ITEMS = 2_000;
/** A look-up may lag behind a write: only after this long is a miss believed. */
const ABSENT_AFTER_MS = 60_000;
const MISS_RETRY_MS = 2_000;

/** One of those whom the listing did not show. */
export interface Miss<Found> {
  find(): Promise<Answer<Found | null>>;
  /** Counts what came of it; null is what is gone. */
  count(found: Found | null, tally: Tally): void;
}

/** How the misses of one phase are asked for. */
export interface Misses<Found> {
  phase: ItemPhase;
  /** Of the walk. */
  name: string;
  missOf(unseen: Unseen): Promise<Miss<Found>>;
}

/** Asks one by one for those whom the listing did not show. */
export async function confirmMisses<Found>(
  verifying: Verifying,
  misses: Misses<Found>,
  until: number,
): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const { phase } = misses;
  const id = cursorId(run, misses.name);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  const last = await ledger.read((db) => lastOrdinal(db, run.migrationId, phase));
  while (!cursor.done && Date.now() < until) {
    pulse.throwIfCancelled();
    const after = Number(cursor.position ?? 0);
    const upTo = Math.min(after + SLICE_ITEMS, last);
    for (const unseen of await ledger.read((db) => unseenBetween(db, run, phase, after, upTo))) {
      if (Date.now() >= until) return cursor;
      const confirmed = await confirm(verifying, misses, unseen, id, cursor);
      if ("status" in confirmed) return confirmed;
      cursor = confirmed;
    }
    const next = { ...cursor, position: String(upTo), done: upTo === last };
    await step(verifying, (tx) => moveCursor(tx, id, pulse.fence, next));
    cursor = next;
  }
  return cursor;
}

/** Marks one of them, and moves the walk behind it. */
async function confirm<Found>(
  verifying: Verifying,
  misses: Misses<Found>,
  unseen: Unseen,
  id: CursorId,
  cursor: Cursor,
): Promise<Cursor | Blocked> {
  const { pulse, run } = verifying;
  const { ordinal } = unseen;
  const miss = await misses.missOf(unseen);
  const answer = await findOrBelieve(verifying, unseen.settledAtMs ?? 0, miss);
  if (answer.status === "blocked") return answer;
  const tally = new Tally(cursor.counters);
  miss.count(answer.found, tally);
  const next = { position: String(ordinal), done: false, counters: tally.all() };
  await step(verifying, async (tx) => {
    if (answer.found === null) await markRemoved(tx, run.migrationId, misses.phase, ordinal);
    else await markSeen(tx, run, misses.phase, [ordinal]);
    await moveCursor(tx, id, pulse.fence, next);
  });
  return next;
}

/** A listing may miss someone who came while it ran, and a look-up may lag: only time makes absence certain. */
async function findOrBelieve<Found>(
  verifying: Verifying,
  settledAtMs: number,
  miss: Miss<Found>,
): Promise<{ status: "certain"; found: Found | null } | Blocked> {
  const { ledger, pulse } = verifying;
  for (;;) {
    const askedAtMs = await ledger.read((db) => ledgerNowMs(db));
    const answer = await ask(verifying, () => miss.find(), Number.POSITIVE_INFINITY);
    if (answer.status === "blocked") return answer;
    const isOld = askedAtMs - settledAtMs > ABSENT_AFTER_MS;
    if (answer.status === "answered" && (answer.value !== null || isOld))
      return { status: "certain", found: answer.value };
    await pulse.wait(MISS_RETRY_MS);
  }
}

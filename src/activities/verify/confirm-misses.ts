import type { Answer } from "../../destinations/destination.ts";
import { blocked } from "../../domain/blocked.ts";
import type { PlacedKind } from "../../domain/books.ts";
import type { Blocked, RunRef } from "../../domain/contract.ts";
import { askDestination } from "../../engine/ask-destination.ts";
import type { Operation } from "../../engine/heartbeat.ts";
import { cursorId, step } from "../../engine/steps.ts";
import { Tally } from "../../engine/tally.ts";
import { type Cursor, type CursorId, moveCursor, takeCursor } from "../../ledger/cursors.ts";
import { ledgerNowMs } from "../../ledger/dialect.ts";
import { noteDifferences } from "../../ledger/differences.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { type Placed, placedAfter } from "../../ledger/placed.ts";
import { doubtOwnRemoval, markRemoved, markSeen } from "../../ledger/verification.ts";
import { Told } from "./told.ts";
import type { Verifying } from "./verifying.ts";

/** What one statement looks through. */
export const SLICE = 2_000;
const MISS_RETRY_MS = 2_000;

export const UNREADABLE = "unreadable";

/** One of those that the listing did not show. */
export interface Miss<Found> {
  /** Whose it is, or what, where that may be shown; null where it may not. */
  example: string | null;
  find(operation: Operation): Promise<Answer<Found | null>>;
  /** Tells what came of it; null is what is gone. */
  tell(found: Found | null, told: Told): void;
  /** Keeps what was found, where there is more to keep than that it is there. */
  note?(tx: Tx, found: Found): Promise<void>;
}

/** How the misses of one kind are asked for. */
export interface Misses<Found> {
  kind: PlacedKind;
  /** Of the walk. */
  name: string;
  /** What becomes of what is gone: of what `stands` by the ledger, each run tells it anew. */
  whenGone: "removed" | "stands";
  missOf(placed: Placed): Promise<Miss<Found>>;
}

/** Asks one by one for those that stand by the ledger, and that the listing did not show. */
export async function confirmMisses<Found>(
  verifying: Verifying,
  misses: Misses<Found>,
  until: number,
): Promise<Cursor | Blocked> {
  const { ledger, pulse, run } = verifying;
  const id = cursorId(run, misses.name);
  let cursor = await takeCursor(ledger, id, pulse.fence);
  while (!cursor.done && performance.now() < until) {
    pulse.throwIfCancelled();
    const after = cursor.position ?? "";
    const slice = await ledger.read((db) => placedAfter(db, run.migrationId, misses.kind, after, SLICE));
    for (const placed of slice) {
      if (!isMissed(placed, run)) continue;
      if (performance.now() >= until) return cursor;
      const confirmed = await confirm(verifying, misses, placed, id, cursor);
      if ("status" in confirmed) return confirmed;
      cursor = confirmed;
    }
    const last = slice.at(-1);
    const next = { ...cursor, position: last?.key ?? cursor.position, done: last === undefined };
    await step(verifying, (tx) => moveCursor(tx, id, pulse.fence, next));
    cursor = next;
  }
  return cursor;
}

export function isMissed({ state, seenGeneration }: Placed, { generation }: RunRef): boolean {
  return state === "standing" && seenGeneration !== generation;
}

/** Marks one of them, and moves the walk behind it. */
async function confirm<Found>(
  verifying: Verifying,
  misses: Misses<Found>,
  placed: Placed,
  id: CursorId,
  cursor: Cursor,
): Promise<Cursor | Blocked> {
  const { pulse, run } = verifying;
  const { key } = placed;
  const miss = await misses.missOf(placed);
  const answer = await findOrBelieve(verifying, placed, miss.find);
  if (answer.status === "blocked") return answer;
  return step(verifying, async (tx) => {
    const told = new Told(new Tally(cursor.counters));
    if (answer.status === "unreadable") {
      // Of what cannot be read nobody knows more than before.
      told.count(UNREADABLE, miss.example);
      told.row(misses.kind, key, "unreadable");
    } else if (answer.found !== null) {
      miss.tell(answer.found, told);
      await miss.note?.(tx, answer.found);
      await markSeen(tx, run, misses.kind, [key]);
    } else if (!(await doubtOwnRemoval(tx, run, misses.kind, key))) {
      miss.tell(null, told);
      told.row(misses.kind, key, "missing");
      if (misses.whenGone === "removed") await markRemoved(tx, run, misses.kind, key);
    }
    await noteDifferences(tx, run, told.rows);
    const next = { position: key, done: false, counters: told.tally.all() };
    await moveCursor(tx, id, pulse.fence, next);
    return next;
  });
}

/** A listing may miss someone who came while it ran, and a look-up may lag: only time makes absence certain. */
export async function findOrBelieve<Found>(
  verifying: Verifying,
  placed: Placed,
  find: (operation: Operation) => Promise<Answer<Found | null>>,
): Promise<{ status: "certain"; found: Found | null } | { status: "unreadable" } | Blocked> {
  const { ledger, destination, pulse } = verifying;
  const writtenAtMs = placed.writtenAtMs ?? placed.firstClaimedAtMs;
  for (;;) {
    const askedAtMs = await ledger.read((db) => ledgerNowMs(db));
    const answer = await askDestination(verifying, find);
    if (answer.status === "blocked") return answer;
    if (answer.status === "refused" && answer.code === "unreadable") return { status: "unreadable" };
    if (answer.status === "refused")
      return blocked("listing_refused", { detail: `a look-up: ${answer.code}` });
    const isOld = askedAtMs - writtenAtMs > destination.facts.lookUpLagMs;
    if (answer.status === "answered" && (answer.value !== null || isOld))
      return { status: "certain", found: answer.value };
    await pulse.wait(MISS_RETRY_MS);
  }
}

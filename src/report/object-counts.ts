import type { PlacedKind } from "../domain/books.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { CountedState, PhaseCounts } from "../ledger/phase-counts.ts";
import { type ObjectState, objectsAfter } from "../ledger/planned-objects.ts";
import type { RunOfMigration } from "../ledger/runs.ts";
import { slicesAfter } from "../ledger/slices.ts";

/** Bounds memory and keeps every statement short. */
const SLICE_OBJECTS = 1_000;

type Counted = Extract<PlacedKind, "organization" | "role" | "application">;

/** What the newest plan has of each kind, by how it stands. */
export async function countObjects(
  ledger: Ledger,
  run: RunOfMigration,
): Promise<Record<Counted, PhaseCounts>> {
  return {
    organization: await countKind(ledger, run, "organization"),
    role: await countKind(ledger, run, "role"),
    application: await countKind(ledger, run, "application"),
  };
}

async function countKind(ledger: Ledger, run: RunOfMigration, kind: Counted): Promise<PhaseCounts> {
  const counts = noCounts();
  const slices = slicesAfter("", keyOf, (after) =>
    ledger.read((db) => objectsAfter(db, run, kind, after, SLICE_OBJECTS)),
  );
  for await (const slice of slices)
    for (const object of slice) if (object.isPlanned) counts[standingOf(object)] += 1;
  return counts;
}

export function noCounts(): PhaseCounts {
  return { pending: 0, done: 0, failed: 0, skipped: 0 };
}

function keyOf({ key }: ObjectState): string {
  return key;
}

/** How a planned object stands, in the words of the queue. */
export function standingOf({ placed, state }: Pick<ObjectState, "placed" | "state">): CountedState {
  if (placed === "standing") return "done";
  if (placed === "removed") return "skipped";
  return state === null || state === "sending" ? "pending" : state;
}

import type { Destination } from "../destinations/destination.ts";
import { undoAbilities } from "../destinations/undo-abilities.ts";
import { PLACED_KINDS, type PlacedKind } from "../domain/books.ts";
import { Tally } from "../engine/tally.ts";
import { LEFT, REMOVE, RESTORE, undoSlice } from "../engine/undo-walk.ts";
import type { Cursor } from "../ledger/cursors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import { MAILED, SECRETS, WITH_ACCOUNT } from "../plan/counters.ts";

/** What an undo would do, by the ledger alone: who signed in since, only the destination knows. */
export interface UndoPlan {
  of: Readonly<Record<PlacedKind, PlannedUndo>>;
  mailed: number;
  secretsKept: number;
  /** At the pace of the migration's file. */
  seconds: number;
}

interface PlannedUndo {
  remove: number;
  restore: number;
  /** By why. */
  left: Readonly<Record<string, number>>;
}

export async function planOfUndo(
  ledger: Ledger,
  { id, file }: MigrationRow,
  destination: Destination,
): Promise<UndoPlan> {
  const abilities = undoAbilities(destination);
  let cursor: Cursor = { position: null, done: false, counters: {} };
  while (!cursor.done) {
    const from = cursor;
    cursor = (await ledger.read((db) => undoSlice(db, id, abilities, from))).next;
  }
  const tally = new Tally(cursor.counters);
  const of = (kind: PlacedKind): PlannedUndo => ({
    remove: tally.get(`${REMOVE}${kind}`) + (kind === "membership" ? tally.get(WITH_ACCOUNT) : 0),
    restore: tally.get(`${RESTORE}${kind}`),
    left: Object.fromEntries(tally.withPrefix(`${LEFT}${kind}:`)),
  });
  const calls = PLACED_KINDS.reduce((sum, kind) => sum + of(kind).remove + of(kind).restore, 0);
  return {
    of: Object.fromEntries(PLACED_KINDS.map((kind) => [kind, of(kind)])) as UndoPlan["of"],
    mailed: tally.get(MAILED),
    secretsKept: tally.get(SECRETS),
    seconds: (calls - tally.get(WITH_ACCOUNT)) / file.pace.writesPerSecond,
  };
}

import { PLACED_KINDS, type PlacedKind } from "../domain/books.ts";
import type { Cursor } from "../ledger/cursors.ts";

/** A walk over all that stands: of one kind after the other, in order of key. */

export interface KindPosition {
  kind: PlacedKind;
  after: string;
}

/** Where it reads on. */
export function kindPositionOf({ position }: Pick<Cursor, "position">): KindPosition {
  // Written from `kindPositionAfter` only.
  return position === null ? { kind: PLACED_KINDS[0], after: "" } : (JSON.parse(position) as KindPosition);
}

/** After a slice of a kind; `last` is undefined where it was empty. Undefined at the end of all kinds. */
export function kindPositionAfter(kind: PlacedKind, last: string | undefined): KindPosition | undefined {
  if (last !== undefined) return { kind, after: last };
  const next = PLACED_KINDS[PLACED_KINDS.indexOf(kind) + 1];
  return next === undefined ? undefined : { kind: next, after: "" };
}

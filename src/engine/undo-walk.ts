import type { PlacedKind } from "../domain/books.ts";
import type { ApplicationDetails } from "../ledger/applications.ts";
import type { Cursor } from "../ledger/cursors.ts";
import type { Db } from "../ledger/ledger.ts";
import { mailedAmong } from "../ledger/mails.ts";
import { type ToUndo, toUndoAfter } from "../ledger/undo.ts";
import { MAILED, SECRETS, WITH_ACCOUNT } from "../plan/counters.ts";
import type { UndoAbilities } from "../plan/undo-fate.ts";
import { kindPositionAfter, kindPositionOf } from "./kind-walk.ts";
import { Tally } from "./tally.ts";

/** The walk over all that stands, or may: what an undo would do about each, and how many there are. */

const SLICE = 1_000;

/** What is counted; a kind follows the prefixes, after that a reason. */
export const REMOVE = "remove:";
export const RESTORE = "restore:";
export const LEFT = "left:";

export interface UndoSlice {
  kind: PlacedKind;
  all: readonly ToUndo[];
  next: Cursor;
}

export async function undoSlice(
  db: Db,
  migrationId: number,
  abilities: UndoAbilities,
  cursor: Cursor,
): Promise<UndoSlice> {
  const { kind, after } = kindPositionOf(cursor);
  const all = await toUndoAfter(db, migrationId, kind, after, SLICE, abilities);
  const tally = new Tally(cursor.counters);
  count(kind, all, tally);
  if (kind === "user") {
    const subs = all.map(({ placed }) => placed.key);
    tally.add(MAILED, (await mailedAmong(db, migrationId, subs)).size);
  }
  const position = kindPositionAfter(kind, all.at(-1)?.placed.key);
  const next: Cursor = {
    position: position === undefined ? cursor.position : JSON.stringify(position),
    done: position === undefined,
    counters: tally.all(),
  };
  return { kind, all, next };
}

function count(kind: PlacedKind, all: readonly ToUndo[], tally: Tally): void {
  for (const { placed, fate } of all) {
    switch (fate.kind) {
      case "remove":
        tally.add(`${REMOVE}${kind}`, 1);
        break;
      case "restore":
        tally.add(`${RESTORE}${kind}`, 1);
        break;
      case "with_account":
        tally.add(WITH_ACCOUNT, 1);
        break;
      case "left":
        tally.add(`${LEFT}${kind}:${fate.reason}`, 1);
        break;
      case "nothing":
        break;
    }
    if (kind === "application" && hasSecret(placed.details)) tally.add(SECRETS, 1);
  }
}

function hasSecret(details: string | null): boolean {
  // Written with ApplicationDetails only.
  return details !== null && (JSON.parse(details) as ApplicationDetails).secretId !== null;
}

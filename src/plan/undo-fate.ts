import type { PlacedHow, PlacedKind, PlacedState } from "../domain/books.ts";

/** What an undo does about something that stands, or may. */

/** What a destination can take back, by kind. */
export type UndoAbilities = Readonly<Record<PlacedKind, { removes: boolean; restores: boolean }>>;

/** Why something is left as it is, as far as that is known beforehand. */
export type LeftAsIs = "was_there_before" | "no_removal" | "no_restore" | "before_purged";

export type UndoFate =
  | { kind: "remove" | "restore" }
  /** It goes with the account that it belongs to. */
  | { kind: "with_account" }
  | { kind: "left"; reason: LeftAsIs }
  /** Somebody removed it. */
  | { kind: "nothing" };

/** Whatever is in doubt is looked at before anything is removed. Pure. */
export function undoFate(
  { kind, state, how }: { kind: PlacedKind; state: PlacedState; how: PlacedHow | null },
  abilities: UndoAbilities,
): UndoFate {
  const { removes, restores } = abilities[kind];
  if (state === "removed") return { kind: "nothing" };
  switch (how) {
    case "already_there":
      return { kind: "left", reason: "was_there_before" };
    case "adopted":
      return restores ? { kind: "restore" } : { kind: "left", reason: "no_restore" };
    default:
      return removes ? { kind: "remove" } : { kind: "left", reason: "no_removal" };
  }
}

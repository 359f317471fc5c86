import type { PlacedHow, PlacedKind, PlacedState } from "../domain/books.ts";

/** What an undo does about something that stands, or may. */

/** What a destination can take back, by kind. */
export type UndoAbilities = Readonly<Record<PlacedKind, { removes: boolean; restores: boolean }>>;

/** Why something is left as it is, as far as that is known beforehand. */
export type LeftAsIs = WhyThere | "no_removal" | "no_restore" | "before_purged";

/** Of something with our key that nobody here made. */
type WhyThere = "was_there_before" | "unknown_to_ledger";

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
      return { kind: "left", reason: whyThere(state) };
    case "adopted":
      return restores ? { kind: "restore" } : { kind: "left", reason: "no_restore" };
    default:
      return removes ? { kind: "remove" } : { kind: "left", reason: "no_removal" };
  }
}

/** What was found with our key, and is nothing that anybody here knows of, may be by a run that this ledger has forgotten. */
export function whyThere(state: PlacedState): WhyThere {
  return state === "in_doubt" ? "unknown_to_ledger" : "was_there_before";
}

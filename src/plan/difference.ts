import type { PlacedState } from "../domain/books.ts";

/** What a run has to do about something that is to stand. */
export type Difference =
  /** It is to be made; `doubtSinceMs` where an earlier try may have made it, from when on. */
  | { kind: "create"; doubtSinceMs: number | null }
  /** It stands, and is not as it is to be. */
  | { kind: "update" }
  /** It stands. */
  | { kind: "none" }
  /** Somebody removed it at the destination: no run makes it again. */
  | { kind: "removed" };

/**
 * Pure. `placed` is what the ledger knows of it; null for what was never tried. `isChanged`: if it stands, it is not as it
 * is to be, and the destination can change it.
 */
export function differenceOf(
  placed: { state: PlacedState; firstClaimedAtMs: number } | null,
  isChanged: boolean,
): Difference {
  switch (placed?.state) {
    case undefined:
      return { kind: "create", doubtSinceMs: null };
    case "in_doubt":
      return { kind: "create", doubtSinceMs: placed?.firstClaimedAtMs ?? null };
    case "standing":
      return { kind: isChanged ? "update" : "none" };
    case "removed":
      return { kind: "removed" };
  }
}

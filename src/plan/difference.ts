import type { PlacedState } from "../domain/books.ts";

/** What a run has to do about something that is to stand. */
export type Difference =
  /** It is to be made; `doubtSinceMs` where an earlier try may have made it, from when on. */
  | { kind: "create"; doubtSinceMs: number | null }
  /** It stands. */
  | { kind: "none" }
  /** Somebody removed it at the destination: no run makes it again. */
  | { kind: "removed" };

/** Pure. `placed` is what the ledger knows of it; null for what was never tried. */
export function differenceOf(placed: { state: PlacedState; firstClaimedAtMs: number } | null): Difference {
  switch (placed?.state) {
    case undefined:
      return { kind: "create", doubtSinceMs: null };
    case "in_doubt":
      return { kind: "create", doubtSinceMs: placed?.firstClaimedAtMs ?? null };
    case "standing":
      return { kind: "none" };
    case "removed":
      return { kind: "removed" };
  }
}

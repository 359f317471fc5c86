import type { PlacedKind } from "../../domain/books.ts";
import type { Difference } from "../../plan/difference.ts";

/** Names of what the walks of the plan count about things that stand, for its findings and for the end of a run. */

export const DISABLED_REMOVED = "disabled_removed";
export const DELETED_REMOVED = "deleted_removed";
export const DELETED_KEPT = "deleted_kept";
export const DELETED_UNKNOWN = "deleted_unknown";
export const MEMBERSHIPS_REMOVED = "memberships_removed";

/** Of the roles that a run has to make, all together. */
export const PERMISSIONS = "permissions";

/** Of things of one kind, how many a run has to make or to change. */
export function toDo(kind: PlacedKind, difference: Difference["kind"]): string {
  return `difference:${kind}:${difference}`;
}

import type { Db } from "./ledger.ts";
import { placedAmong } from "./placed.ts";

/** Of these slugs, the roles that a run of the migration made, or may have made. */
export async function rolesMade(db: Db, migrationId: number, slugs: readonly string[]): Promise<Set<string>> {
  const placed = await placedAmong(db, migrationId, "role", slugs);
  return new Set([...placed.values()].filter(({ how }) => how !== "already_there").map(({ key }) => key));
}

import type { OrganizationRecord } from "../domain/records.ts";
import { hasField } from "../plan/fingerprint.ts";
import { isOneOf } from "./dialect.ts";
import type { Db } from "./ledger.ts";
import { type Placed, placedAmong } from "./placed.ts";

/** What stands of organizations and roles, where a later file may say something else. */

/** What is kept of an organization beside its id. */
export interface OrganizationDetails {
  /** That it was made or found under: a later file may give it another one. */
  externalId: string;
}

/** Of these external ids by key, the keys of organizations that stand under another one, or may stand. */
export async function renamedAmong(
  db: Db,
  migrationId: number,
  externalIds: ReadonlyMap<string, string>,
): Promise<string[]> {
  const placed = await placedAmong(db, migrationId, "organization", [...externalIds.keys()]);
  const tried = await planOfDoubtful(db, migrationId, placed);
  return [...externalIds]
    .filter(
      ([key, externalId]) =>
        isOther(placed.get(key), externalId) || (tried.get(key) ?? externalId) !== externalId,
    )
    .map(([key]) => key);
}

/** Of these keys, the external ids by which organizations that are in doubt were tried: plans keep them. */
export async function externalIdsTried(
  db: Db,
  migrationId: number,
  keys: readonly string[],
): Promise<Map<string, string>> {
  return planOfDoubtful(db, migrationId, await placedAmong(db, migrationId, "organization", keys));
}

async function planOfDoubtful(
  db: Db,
  migrationId: number,
  placed: ReadonlyMap<string, Placed>,
): Promise<Map<string, string>> {
  const keys = [...placed.values()].filter(({ state }) => state === "in_doubt").map(({ key }) => key);
  if (keys.length === 0) return new Map();
  const rows = await db
    .selectFrom("planned_objects")
    .select(["key", "data"])
    .where("migration_id", "=", migrationId)
    .where("kind", "=", "organization")
    .where(isOneOf(db, "key", keys))
    .execute();
  // Written by the plan only.
  return new Map(rows.map(({ key, data }) => [key, (JSON.parse(data) as OrganizationRecord).externalId]));
}

function isOther(placed: Placed | undefined, externalId: string): boolean {
  if (placed?.state !== "standing") return false;
  // Written with OrganizationDetails only.
  if (placed.details !== null)
    return (JSON.parse(placed.details) as OrganizationDetails).externalId !== externalId;
  // Of one that was noted without them, what was written tells it.
  const { fingerprint } = placed;
  return fingerprint !== null && !hasField(fingerprint, "externalId", externalId);
}

/** Of these slugs, the roles that a run of the migration made, or may have made. */
export async function rolesMade(db: Db, migrationId: number, slugs: readonly string[]): Promise<Set<string>> {
  const placed = await placedAmong(db, migrationId, "role", slugs);
  return new Set([...placed.values()].filter(({ how }) => how !== "already_there").map(({ key }) => key));
}

import { sql } from "kysely";
import type { OrganizationRecord } from "../domain/records.ts";
import { hasField } from "../plan/fingerprint.ts";
import { membershipKeysOf } from "../plan/keys.ts";
import { isOneOf, listedRows } from "./dialect.ts";
import type { Db, Tx } from "./ledger.ts";
import { type Placed, placedAmong } from "./placed.ts";

/** What stands beside people, where a later file or run may say something else. */

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

const RANGE = { from_key: "text", below_key: "text" };

/** Keys of the memberships of these people that stand, or may, or stood. */
export async function membershipsAmong(
  tx: Tx,
  migrationId: number,
  subs: readonly string[],
): Promise<string[]> {
  const ranges = subs.map(membershipKeysOf).map(({ from, below }) => ({ from_key: from, below_key: below }));
  const { rows } = await sql<{ key: string }>`
    -- A cross join, or SQLite reads everybody's for each of these.
    select placed.key from ${listedRows(tx, RANGE, ranges)} cross join placed
    where placed.migration_id = ${migrationId} and placed.kind = 'membership'
      and placed.key >= listed.from_key and placed.key < listed.below_key`.execute(tx);
  return rows.map(({ key }) => key);
}

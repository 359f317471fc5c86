import type { WorkItemState } from "../migration.ts";
import type { Db } from "./ledger.ts";
import type { StoredMembership } from "./memberships.ts";

/** A membership, and how its work item stands. */
export interface MembershipState extends StoredMembership {
  /** The run whose plan has it. */
  generation: number;
  state: WorkItemState | null;
  code: string | null;
  /** Of the person's account; null where none was imported. */
  userId: string | null;
}

/** Memberships of every run, in order of their keys. */
export async function membershipsAfter(
  db: Db,
  migrationId: number,
  afterKey: string,
  limit: number,
): Promise<MembershipState[]> {
  const rows = await db
    .selectFrom("memberships as m")
    .leftJoin("work_items as w", (join) =>
      join
        .onRef("w.migration_id", "=", "m.migration_id")
        .on("w.phase", "=", "memberships")
        .onRef("w.sub", "=", "m.key"),
    )
    .leftJoin("work_items as u", (join) =>
      join
        .onRef("u.migration_id", "=", "m.migration_id")
        .on("u.phase", "=", "users")
        .onRef("u.sub", "=", "m.sub")
        .on("u.state", "=", "done"),
    )
    .select([
      "m.key as key",
      "m.sub as sub",
      "m.organization as organization",
      "m.roles as roles",
      "m.generation as generation",
      "w.state as state",
      "w.code as code",
      "u.destination_id as userId",
    ])
    .where("m.migration_id", "=", migrationId)
    .where("m.key", ">", afterKey)
    .orderBy("m.key")
    .limit(limit)
    .execute();
  // Written by upsertMemberships only.
  return rows.map((row) => ({ ...row, roles: JSON.parse(row.roles) as string[] }));
}

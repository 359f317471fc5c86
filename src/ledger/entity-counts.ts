import type { WorkItemState } from "../migration.ts";
import type { ItemPhase } from "../phases.ts";
import type { Db } from "./ledger.ts";

export interface CountedEntity {
  ordinal: number;
  kind: string;
  state: WorkItemState;
}

/** Kind and state of a phase's entities, in order of their work items. */
export async function entityKindsAfter(
  db: Db,
  migrationId: number,
  phase: ItemPhase,
  afterOrdinal: number,
  limit: number,
): Promise<CountedEntity[]> {
  return db
    .selectFrom("work_items as w")
    .innerJoin("entities as e", (join) =>
      join
        .onRef("e.migration_id", "=", "w.migration_id")
        .onRef("e.phase", "=", "w.phase")
        .onRef("e.key", "=", "w.sub"),
    )
    .select(["w.ordinal as ordinal", "e.kind as kind", "w.state as state"])
    .where("w.migration_id", "=", migrationId)
    .where("w.phase", "=", phase)
    .where("w.ordinal", ">", afterOrdinal)
    .orderBy("w.ordinal")
    .limit(limit)
    .execute();
}

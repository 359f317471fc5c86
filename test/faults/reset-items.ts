import { migrationsOfPool } from "../../src/ledger/runs.ts";
import type { Stage } from "./stage.ts";

/** How the work item of each reset mail stands, and what is known of the campaign's mail. */
export function resetItems(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return ledger.read((db) =>
      db
        .selectFrom("work_items as w")
        .leftJoin("mails as m", (join) =>
          join
            .onRef("m.migration_id", "=", "w.migration_id")
            .onRef("m.sub", "=", "w.key")
            .on("m.sender", "=", "campaign"),
        )
        .select([
          "w.key as sub",
          "w.state as state",
          "w.code as code",
          "w.put_off as putOffs",
          "m.mail_id as resetId",
        ])
        .where("w.migration_id", "=", migration?.id ?? 0)
        .where("w.phase", "=", "resets")
        .execute(),
    );
  });
}

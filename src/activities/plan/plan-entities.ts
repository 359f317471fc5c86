import { type Entity, upsertEntities } from "../../ledger/entities.ts";
import type { Tx } from "../../ledger/ledger.ts";
import { planItems } from "../../ledger/plan.ts";
import type { ItemPhase } from "../../phases.ts";

/** Numbers entities among the work of a phase; those that an earlier run failed at are open again. */
export async function planEntities(
  tx: Tx,
  migrationId: number,
  phase: ItemPhase,
  entities: readonly Entity[],
): Promise<void> {
  const fresh = new Set(await upsertEntities(tx, migrationId, phase, entities));
  const known = entities.map(({ key }) => key).filter((key) => !fresh.has(key));
  await planItems(tx, migrationId, phase, { fresh: [...fresh], known });
}

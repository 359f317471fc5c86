import { entitiesByKey, type StoredEntity } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { ClaimedItem } from "../../ledger/work-items.ts";
import type { ItemPhase } from "../../phases.ts";
import { hashOf } from "../../plan/hash.ts";
import type { Prepared } from "./work.ts";

/** What claimed items are about, where they are entities of the ledger. */
export async function entityPayloads<Payload>(
  ledger: Ledger,
  migrationId: number,
  phase: ItemPhase,
  items: readonly ClaimedItem[],
  toPayload: (entity: StoredEntity) => Payload,
): Promise<Prepared<Payload>[]> {
  const keys = items.map(({ sub }) => sub);
  const entities = await ledger.read((db) => entitiesByKey(db, migrationId, phase, keys));
  return keys.map((key) => {
    const entity = entities.get(key);
    if (entity === undefined) throw new Error(`A work item of ${phase} has no entity.`);
    return { payload: toPayload(entity), recordHash: hashOf(entity.data) };
  });
}

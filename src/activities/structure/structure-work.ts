import type { Destination } from "../../destinations/destination.ts";
import type { OrganizationRecord, RoleRecord } from "../../destinations/structure.ts";
import { entitiesByKey } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { hashOf } from "../../plan/hash.ts";
import type { Work } from "../batch/work.ts";

/** A role is at most a create, a look-up, and two calls for each of these permissions. */
const MAX_CALLS = 100;

/** What the phase makes: kinds and their records, as the plan and assess wrote them into the ledger. */
export type StructurePart =
  | { kind: "organization"; record: OrganizationRecord }
  | { kind: "role"; record: RoleRecord };

export function organizationKey(key: string): string {
  return `organization:${key}`;
}

export function roleKey(slug: string): string {
  return `role:${slug}`;
}

/** Organizations and roles. */
export function structureWork(
  ledger: Ledger,
  destination: Destination,
  migrationId: number,
): Work<StructurePart> {
  return {
    concurrency: destination.concurrency,
    maxCallsPerItem: MAX_CALLS,
    async prepare(items) {
      const keys = items.map(({ sub }) => sub);
      const entities = await ledger.read((db) => entitiesByKey(db, migrationId, "structure", keys));
      return keys.map((key) => {
        const entity = entities.get(key);
        if (entity === undefined) throw new Error("A work item of structure has no entity.");
        // Written with the kind that says what it is.
        const payload = { kind: entity.kind, record: JSON.parse(entity.data) } as StructurePart;
        return { payload, recordHash: hashOf(entity.data) };
      });
    },
    send({ payload }, attempt) {
      return payload.kind === "organization"
        ? destination.structure.organization(payload.record, attempt)
        : destination.structure.role(payload.record, attempt);
    },
  };
}

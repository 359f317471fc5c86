import type { Destination } from "../../destinations/destination.ts";
import type { OrganizationRecord, RoleRecord } from "../../destinations/structure.ts";
import type { StoredEntity } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { entityPayloads } from "../batch/entity-payloads.ts";
import type { Work } from "../batch/work.ts";

/** A role is at most a create, a look-up, and two calls for each of these permissions. */
const MAX_CALLS = 100;

/** What the phase makes: kinds and their records, as the plan and assess wrote them into the ledger. */
export type StructurePart =
  | { kind: "organization"; record: OrganizationRecord }
  | { kind: "role"; record: RoleRecord };

/** Written with the kind that says what it is. */
function toPart({ kind, data }: StoredEntity): StructurePart {
  return { kind, record: JSON.parse(data) } as StructurePart;
}

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
    prepare: (items) => entityPayloads(ledger, migrationId, "structure", items, toPart),
    send({ payload }, attempt) {
      return payload.kind === "organization"
        ? destination.structure.organization(payload.record, attempt)
        : destination.structure.role(payload.record, attempt);
    },
  };
}

import type { Destination } from "../../destinations/destination.ts";
import { oneACall } from "../../destinations/one-a-call.ts";
import { sendOne } from "../../destinations/sending.ts";
import type { OrganizationRecord, RoleRecord } from "../../domain/records.ts";
import type { Work } from "../../engine/batch/work.ts";
import { plannedRecord } from "../fan-out/planned-record.ts";
import { sendOrganization } from "../fan-out/send-organization.ts";

/** Organizations and roles. */
export function structureWork(destination: Destination): Work<OrganizationRecord | RoleRecord> {
  const { organizations, roles } = destination;
  return {
    sender: oneACall({
      callsInFlight: Math.min(organizations.callsInFlight, roles.callsInFlight),
      maxCalls: Math.max(organizations.maxCalls, roles.maxCalls),
      send: ({ record, ...item }, call) =>
        "slug" in record
          ? sendOne(roles, { ...item, record }, call)
          : sendOrganization(organizations, { ...item, record }, call),
    }),
    prepare: async (items) => items.map(plannedRecord<OrganizationRecord | RoleRecord>),
  };
}

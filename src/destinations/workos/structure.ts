import type { WorkOS } from "@workos-inc/node";
import type { StructureSender } from "../structure.ts";
import { answerOf } from "./answers.ts";
import { sendMembership } from "./memberships.ts";
import { sendOrganization } from "./organizations.ts";
import { sendRole } from "./roles.ts";
import { createStructureCalls } from "./structure-calls.ts";
import { organizationProblems, roleProblems } from "./structure-problems.ts";

/** Organizations, roles of the environment, and memberships of WorkOS. */
export function createStructure(client: WorkOS): StructureSender {
  const calls = createStructureCalls(client);
  return {
    organization: (record, attempt) => sendOrganization(calls, record, attempt),
    role: (record, attempt) => sendRole(calls, record, attempt),
    membership: (record, attempt) => sendMembership(calls, record, attempt),
    listMemberships: async (organizationId, cursor) => answerOf(await calls.members(organizationId, cursor)),
    findMembership: async (userId, organizationId) => answerOf(await calls.member(userId, organizationId)),
    organizationProblems,
    roleProblems,
  };
}

import type { Attempt, SendOutcome } from "../sending.ts";
import type { MembershipRecord } from "../structure.ts";
import type { Called } from "./called.ts";
import {
  type Absence,
  type Made,
  ours,
  outcomeOf,
  READ_KINDS,
  settle,
  slotsOf,
  WRITE_KINDS,
} from "./settle.ts";
import type { StructureCalls } from "./structure-calls.ts";

const MISSING: Absence = {
  code: "user_or_organization_missing",
  message: "WorkOS does not know the user or the organization.",
};

/**
 * Create; whatever leaves doubt is looked up by person and organization. A create changes an inactive membership:
 * WorkOS activates it, with the roles of the create (OpenAPI 0.61). Of anyone who may have been a member before,
 * `inDoubt` keeps it as it is.
 */
export async function sendMembership(
  calls: StructureCalls,
  record: MembershipRecord,
  attempt: Attempt,
): Promise<SendOutcome> {
  const slot = slotsOf(attempt.waitForSlot, attempt.signal);
  const lookUp = async () => {
    await slot(READ_KINDS);
    return findMembership(calls, record);
  };
  if (attempt.inDoubt) {
    const earlier = await lookUp();
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return ours(earlier.value, attempt);
  }
  await slot(WRITE_KINDS);
  const created = await calls.createMembership(record);
  // One that was there and inactive is answered as if it were new.
  if (created.ok) return ours(created.value, attempt);
  return settle(created.failure, lookUp, attempt, MISSING);
}

/** A pending one is refused whatever is tried: only the person who was invited can accept it. */
async function findMembership(
  calls: StructureCalls,
  { userId, organizationId }: MembershipRecord,
): Promise<Called<Made | null>> {
  const found = await calls.membership(userId, organizationId);
  if (!found.ok || found.value?.status !== "pending") return found;
  const code = "cannot_reactivate_pending_organization_membership";
  const message = "The user is invited to the organization and has not accepted yet.";
  return { ok: false, failure: { kind: "rejected", code, message } };
}

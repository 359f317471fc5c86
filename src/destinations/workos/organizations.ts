import type { Attempt, SendOutcome } from "../sending.ts";
import type { OrganizationRecord } from "../structure.ts";
import { ours, outcomeOf, READ_KINDS, settle, slotsOf, WRITE_KINDS } from "./settle.ts";
import type { StructureCalls } from "./structure-calls.ts";

/** Create; whatever leaves doubt is looked up by our key, which WorkOS keeps unique. */
export async function sendOrganization(
  calls: StructureCalls,
  record: OrganizationRecord,
  attempt: Attempt,
): Promise<SendOutcome> {
  const slot = slotsOf(attempt.waitForSlot, attempt.signal);
  const lookUp = async () => {
    await slot(READ_KINDS);
    return calls.organization(record.externalId);
  };
  if (attempt.inDoubt) {
    const earlier = await lookUp();
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return ours(earlier.value, attempt);
  }
  await slot(WRITE_KINDS);
  const created = await calls.createOrganization(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  return settle(created.failure, lookUp, attempt);
}

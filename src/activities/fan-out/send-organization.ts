import { type Call, type Item, type Outcome, sendOne } from "../../destinations/sending.ts";
import type { Organizations } from "../../destinations/structure.ts";
import type { OrganizationRecord } from "../../domain/records.ts";
import type { OrganizationDetails } from "../../ledger/standing-structure.ts";

/** Sends an organization; what it was made or found under is kept with it. */
export async function sendOrganization(
  organizations: Organizations,
  item: Item<OrganizationRecord>,
  call: Call,
): Promise<Outcome> {
  const outcome = await sendOne(organizations, item, call);
  if (!("destinationId" in outcome)) return outcome;
  const details: OrganizationDetails = { externalId: item.record.externalId };
  return { ...outcome, details };
}

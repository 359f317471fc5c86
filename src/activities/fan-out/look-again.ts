import type { Answer, Destination } from "../../destinations/destination.ts";
import type { OrganizationRecord } from "../../domain/records.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { noteMadeAnew } from "../../ledger/placed.ts";
import { lastPlanned } from "../../ledger/planned-objects.ts";
import type { OrganizationDetails } from "../../ledger/standing-structure.ts";

/** Of `lookAgain`, at most. */
export const CALLS_PER_LOOK = 2;

export interface LookTools {
  ledger: Ledger;
  destination: Pick<Destination, "organizations">;
  migrationId: number;
}

/** An organization that stands by the ledger, or that this attempt made. */
export interface StandingOrganization {
  key: string;
  id: string;
}

/**
 * Whether an organization that something was refused in still stands: by its id first. Only where that is not there any
 * more does the one with its external id take its place; whoever moved an external id has not deleted anything. Answers
 * the id that stands; null where there is none. `beforeEach` lets one call go.
 */
export async function lookAgain(
  tools: LookTools,
  { key, id }: StandingOrganization,
  beforeEach: () => Promise<void>,
): Promise<Answer<string | null>> {
  await beforeEach();
  const standing = await tools.destination.organizations.findById(id);
  if (!standing.ok || standing.value !== null) return standing;
  await beforeEach();
  return findAnew(tools, key);
}

/** Of one whose id is not there any more: whoever deleted it may have made it anew, and that one stands from then on. */
async function findAnew(
  { ledger, destination, migrationId }: LookTools,
  key: string,
): Promise<Answer<string | null>> {
  const organization = { kind: "organization", key } as const;
  const planned = await ledger.read((db) => lastPlanned(db, migrationId, organization));
  // Written by the plan only.
  const { externalId } = JSON.parse(planned) as OrganizationRecord;
  const found = await destination.organizations.find(externalId);
  if (found.ok && found.value !== null) {
    const id = found.value;
    const details: OrganizationDetails = { externalId };
    await ledger.write((tx) => noteMadeAnew(tx, migrationId, organization, id, details));
  }
  return found;
}

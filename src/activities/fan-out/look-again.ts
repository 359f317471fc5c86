import type { Answer, Destination } from "../../destinations/destination.ts";
import type { OrganizationRecord } from "../../domain/records.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { noteMadeAnew } from "../../ledger/placed.ts";
import { lastPlanned } from "../../ledger/planned-objects.ts";

export interface LookTools {
  ledger: Ledger;
  destination: Pick<Destination, "organizations">;
  migrationId: number;
}

/**
 * Looks an organization that stood up by its external id: one call. Whoever deleted it may have made it anew, and that
 * one stands from then on. Answers its id; null where it is not there.
 */
export async function lookAgain(
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
    await ledger.write((tx) => noteMadeAnew(tx, migrationId, organization, id));
  }
  return found;
}

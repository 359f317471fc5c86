import type { DestinationUser, ImportOutcome, ImportRequest, WaitForSlot } from "../destination.ts";
import type { Calls } from "./calls.ts";
import {
  notVisible,
  ours,
  outcomeOf,
  READ_KINDS,
  slotsOf,
  stillUnclear,
  type TakeSlot,
  unclear,
  WRITE_KINDS,
} from "./settle.ts";

const IN_USE = "The address or the external id is in use, and no look-up shows by whom.";

/**
 * Create; whatever answer leaves doubt is settled by looking the user up: by our key, then by address.
 * Absence is never proof: WorkOS refuses a second create of the same external id, so an unclear create is
 * repeated, and "already exists" for something not visible yet waits.
 */
export async function importUser(
  calls: Calls,
  request: ImportRequest,
  waitForSlot: WaitForSlot,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const { record } = request;
  const slot = slotsOf(waitForSlot, signal);
  if (request.inDoubt) {
    await slot(READ_KINDS);
    const earlier = await calls.byExternalId(record.externalId);
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return ours(earlier.value, request);
  }
  await slot(WRITE_KINDS);
  const created = await calls.create(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  if (created.failure.kind === "duplicate") return settleDuplicate(calls, request, slot);
  if (created.failure.kind !== "unknown") return outcomeOf(created.failure);

  await slot(READ_KINDS);
  const found = await calls.byExternalId(record.externalId);
  if (found.ok && found.value !== null) return ours(found.value, request);
  return stillUnclear(created.failure, found);
}

async function settleDuplicate(calls: Calls, request: ImportRequest, slot: TakeSlot): Promise<ImportOutcome> {
  const { record } = request;
  await slot(READ_KINDS);
  const byKey = await calls.byExternalId(record.externalId);
  if (!byKey.ok) return outcomeOf(byKey.failure);
  if (byKey.value !== null) return ours(byKey.value, request);

  await slot(READ_KINDS);
  const byEmail = await calls.byEmail(record.email);
  if (!byEmail.ok) return outcomeOf(byEmail.failure);
  const existing = byEmail.value;
  if (existing === null) return notVisible(IN_USE);
  if (existing.externalId === record.externalId) return ours(existing, request);
  if (existing.externalId !== null) return { kind: "skipped", reason: "external_id_taken" };
  if (request.onExisting === "skip") return { kind: "skipped", reason: "exists_at_destination" };
  return adopt(calls, request, existing, slot);
}

async function adopt(
  calls: Calls,
  request: ImportRequest,
  existing: DestinationUser,
  slot: TakeSlot,
): Promise<ImportOutcome> {
  if (!request.record.emailVerified || !existing.emailVerified)
    return { kind: "skipped", reason: "exists_unverified" };
  await request.beforeAdopt(existing);
  await slot(WRITE_KINDS);
  const adopted = await calls.adopt(existing.id, request.record);
  if (adopted.ok) return { kind: "adopted", destinationId: existing.id };
  if (adopted.failure.kind === "duplicate") return notVisible(IN_USE);
  if (adopted.failure.kind === "absent")
    return unclear("gone_meanwhile", "The account was removed during its adoption.");
  return outcomeOf(adopted.failure);
}

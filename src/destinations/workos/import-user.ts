import type { CallKind } from "../../migration.ts";
import type { DestinationUser, ImportOutcome, ImportRequest, WaitForSlot } from "../destination.ts";
import type { Calls } from "./calls.ts";
import type { Failure } from "./errors.ts";

export const WRITE_KINDS: readonly CallKind[] = ["writes", "calls"];
export const READ_KINDS: readonly CallKind[] = ["reads", "calls"];

/** Clocks of WorkOS and the ledger may differ by this much. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;
const UNCLEAR_RETRY_MS = 1_000;

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
  const slot = async (kinds: readonly CallKind[]) => {
    await waitForSlot(kinds);
    signal.throwIfAborted();
  };
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
  const { code, message } = created.failure;
  // Throttled or locked out here must not count as "had no effect": the create may have had one.
  if (!found.ok && found.failure.kind === "slow_down")
    return unclear(code, message, found.failure.retryAfterMs);
  return unclear(code, message);
}

type TakeSlot = (kinds: readonly CallKind[]) => Promise<void>;

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
  if (existing === null) return notVisible();
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
  if (adopted.failure.kind === "duplicate") return notVisible();
  if (adopted.failure.kind === "absent")
    return unclear("gone_meanwhile", "The account was removed during its adoption.");
  return outcomeOf(adopted.failure);
}

/** Whoever has our key is ours; made by this migration only if not older than the item's first claim. */
function ours(user: DestinationUser, { firstClaimedAtMs }: ImportRequest): ImportOutcome {
  const isNew = user.createdAtMs >= firstClaimedAtMs - CLOCK_TOLERANCE_MS;
  return { kind: isNew ? "created" : "already_there", destinationId: user.id };
}

function notVisible(): ImportOutcome {
  return unclear(
    "exists_but_not_visible",
    "The address or the external id is in use, and no look-up shows by whom.",
  );
}

function unclear(code: string, message: string, retryAfterMs = UNCLEAR_RETRY_MS): ImportOutcome {
  return { kind: "unknown", code, message, retryAfterMs };
}

function outcomeOf(failure: Failure): ImportOutcome {
  switch (failure.kind) {
    case "unknown":
      return unclear(failure.code, failure.message);
    case "absent":
      return {
        kind: "rejected",
        code: "not_found",
        message: "WorkOS does not know this address of its API.",
      };
    case "duplicate":
      return notVisible();
    default:
      return failure;
  }
}

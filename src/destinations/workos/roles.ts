import type { Attempt, SendOutcome } from "../sending.ts";
import type { RoleRecord } from "../structure.ts";
import type { Failure } from "./errors.ts";
import { outcomeOf, READ_KINDS, settle, slotsOf, unclear, WRITE_KINDS } from "./settle.ts";
import type { StructureCalls } from "./structure-calls.ts";

/**
 * The role first, then its permissions one by one: a role that is there keeps what it has. Every step may be repeated,
 * so an item in doubt goes the same way again.
 */
export async function sendRole(
  calls: StructureCalls,
  record: RoleRecord,
  attempt: Attempt,
): Promise<SendOutcome> {
  const role = await bringRole(calls, record, attempt);
  if (role.kind !== "created" && role.kind !== "already_there") return role;
  let hadEffect = role.kind === "created";
  for (const permission of record.permissions) {
    const added = await bringPermission(calls, record.slug, permission, attempt);
    hadEffect ||= added.hadEffect;
    if (added.failure !== null) return hadEffect ? unfinished(added.failure) : outcomeOf(added.failure);
  }
  return role;
}

async function bringRole(calls: StructureCalls, record: RoleRecord, attempt: Attempt): Promise<SendOutcome> {
  const slot = slotsOf(attempt.waitForSlot, attempt.signal);
  await slot(WRITE_KINDS);
  const created = await calls.createRole(record);
  if (created.ok) return { kind: "created", destinationId: created.value.id };
  const lookUp = async () => {
    await slot(READ_KINDS);
    return calls.role(record.slug);
  };
  return settle(created.failure, lookUp, attempt);
}

interface Added {
  failure: Failure | null;
  hadEffect: boolean;
}

async function bringPermission(
  calls: StructureCalls,
  role: string,
  permission: string,
  { waitForSlot, signal }: Attempt,
): Promise<Added> {
  const slot = slotsOf(waitForSlot, signal);
  await slot(WRITE_KINDS);
  const made = await calls.createPermission(permission);
  if (!made.ok && made.failure.kind !== "duplicate") return { failure: made.failure, hadEffect: false };
  await slot(WRITE_KINDS);
  const added = await calls.addPermission(role, permission);
  if (added.ok) return { failure: null, hadEffect: true };
  // Both are there by now: whoever does not see them yet will.
  if (added.failure.kind === "absent")
    return { failure: { kind: "duplicate", message: NOT_SEEN }, hadEffect: made.ok };
  return { failure: added.failure, hadEffect: made.ok };
}

const NOT_SEEN = "The role or one of its permissions is there, and cannot be found yet.";

/** Throttled or locked out after a step that took effect must not count as "had no effect". */
function unfinished(failure: Failure): SendOutcome {
  const message = "The role is there, and not yet all of its permissions.";
  if (failure.kind === "slow_down") return unclear("role_unfinished", message, failure.retryAfterMs);
  if (failure.kind === "access_lost") return unclear("role_unfinished", message);
  return outcomeOf(failure);
}

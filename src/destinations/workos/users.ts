import type { WorkOS } from "@workos-inc/node";
import type { DestinationUser } from "../../domain/records.ts";
import { changedFields, withFields } from "../../plan/fingerprint.ts";
import { recordFingerprint } from "../../plan/record.ts";
import { accountDifference, toWrite } from "../../plan/user-change.ts";
import type { UserItem, Users } from "../destination.ts";
import type { Call, Item } from "../sending.ts";
import { foundAnswerOf, pageAnswerOf } from "./calls.ts";
import {
  notVisible,
  ours,
  outcomeOf,
  type Probe,
  type Settled,
  senderOf,
  stillUnclear,
  unclear,
} from "./settle.ts";
import { type UserCalls, userCalls } from "./user-calls.ts";
import { removals, updateFound, updates } from "./user-changes.ts";
import { restores } from "./user-restores.ts";

/** A look-up, a create, two more look-ups and an adoption. */
const MAX_CALLS = 5;
const IN_USE = "The address or the external id is in use, and no look-up shows by whom.";

/** People, found again by external id, which WorkOS keeps unique in an environment. */
export function createUsers(client: WorkOS, probe: Probe): Users {
  const calls = userCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendUser(calls, item, call)),
    updates: updates(calls, probe),
    removals: removals(calls, probe),
    restores: restores(calls, probe),
    list: async (cursor) => pageAnswerOf(await calls.page(cursor), cursor),
    find: async (externalId) => foundAnswerOf(await calls.byExternalId(externalId)),
    findById: async (id) => foundAnswerOf(await calls.byId(id)),
  };
}

/**
 * Create; whatever answer leaves doubt is settled by looking the user up: by our key, then by address.
 * Absence is never proof: WorkOS refuses a second create of the same external id, so an unclear create is
 * repeated, and "already exists" for something not visible yet waits.
 */
async function sendUser(calls: UserCalls, item: Item<UserItem>, call: Call): Promise<Settled> {
  const { user } = item.record;
  if (item.inDoubt) {
    await call.read();
    const earlier = await calls.byExternalId(user.externalId);
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return oursOf(calls, earlier.value, item, call);
  }
  await call.write([item]);
  const created = await calls.create(user);
  if (created.ok) return { kind: "created", ...created.value };
  if (created.failure.kind === "duplicate") return settleDuplicate(calls, item, call);
  if (created.failure.kind !== "unknown") return outcomeOf(created.failure);

  await call.read();
  const found = await calls.byExternalId(user.externalId);
  if (found.ok && found.value !== null) return oursOf(calls, found.value, item, call);
  return stillUnclear(created.failure, found);
}

async function settleDuplicate(calls: UserCalls, item: Item<UserItem>, call: Call): Promise<Settled> {
  const { user, onExisting } = item.record;
  await call.read();
  const byKey = await calls.byExternalId(user.externalId);
  if (!byKey.ok) return outcomeOf(byKey.failure);
  if (byKey.value !== null) return oursOf(calls, byKey.value, item, call);

  await call.read();
  const byEmail = await calls.byEmail(user.email);
  if (!byEmail.ok) return outcomeOf(byEmail.failure);
  const existing = byEmail.value;
  if (existing === null) return notVisible(IN_USE);
  if (existing.externalId === user.externalId) return oursOf(calls, existing, item, call);
  if (existing.externalId !== null) return { kind: "skipped", reason: "external_id_taken" };
  if (onExisting === "skip") return { kind: "skipped", reason: "exists_at_destination" };
  return adopt(calls, item, existing, call);
}

/**
 * An earlier try made it, maybe of another record: what the person changed in Cognito since is written now, but for their
 * address. Where somebody changed it at WorkOS, nothing is.
 */
async function oursOf(
  calls: UserCalls,
  found: DestinationUser,
  item: Item<UserItem>,
  call: Call,
): Promise<Settled> {
  const outcome = ours(found, item);
  if (outcome.kind !== "created") return outcome;
  const { user, earlier } = item.record;
  const planned = recordFingerprint(user);
  if (earlier !== undefined) {
    const before = { how: "created" as const, fingerprint: earlier.written };
    // One that was made anew has the address of today.
    const { fields } = accountDifference(before, planned, found.email === user.email);
    const change = { destinationId: found.id, user, fields, ...earlier };
    const changed = await updateFound(calls, { record: change }, found, () => call.write([item]));
    if (changed.kind !== "updated") return changed;
    const { fingerprint: holds, details } = changed;
    return { ...outcome, holds, ...(details === undefined ? {} : { details }) };
  }
  if (found.changedAtMs > found.createdAtMs) {
    const known = { destinationId: found.id, user, written: null, ourChangeMs: null };
    const change = { ...known, fields: changedFields(null, planned), changedThere: "keep" as const };
    return { ...outcome, holds: toWrite(found, change).fingerprint };
  }
  const holds = recordFingerprint(found);
  const { fields } = accountDifference({ how: "created", fingerprint: holds }, planned, false);
  if (fields.length === 0) return { ...outcome, holds };
  await call.write([item]);
  const changed = await calls.change(found.id, user, fields);
  if (changed.ok) return { ...outcome, ...changed.value, holds: withFields(holds, planned, fields) };
  const isRefused = changed.failure.kind === "rejected" || changed.failure.kind === "duplicate";
  return isRefused ? { ...outcome, holds } : outcomeOf(changed.failure);
}

async function adopt(
  calls: UserCalls,
  item: Item<UserItem>,
  existing: DestinationUser,
  call: Call,
): Promise<Settled> {
  const { user, beforeAdopt } = item.record;
  if (!user.emailVerified || !existing.emailVerified) return { kind: "skipped", reason: "exists_unverified" };
  await beforeAdopt(existing);
  await call.write([item]);
  const adopted = await calls.adopt(existing.id, user);
  if (adopted.ok) return { kind: "adopted", ...adopted.value, destinationId: existing.id };
  if (adopted.failure.kind === "duplicate") return notVisible(IN_USE);
  if (adopted.failure.kind === "absent")
    return unclear("gone_meanwhile", "The account was removed during its adoption.");
  return outcomeOf(adopted.failure);
}

import type { MembershipDetails, MembershipRecord, WrittenRoles } from "../../domain/records.ts";
import { areAsWritten, areSameRoles } from "../../plan/written-roles.ts";
import type { Call, Item, Sender } from "../sending.ts";
import type { MadeMembership, MembershipChange } from "../structure.ts";
import { nullIfAbsent } from "./calls.ts";
import type { Failure } from "./errors.ts";
import type { FoundMembership, MembershipCalls } from "./membership-calls.ts";
import {
  GONE,
  goneOrTooEarly,
  NOT_MADE_HERE,
  ours,
  outcomeOf,
  type Probe,
  removal,
  type Settled,
  senderOf,
} from "./settle.ts";

/** What a later run does with memberships that stand: each is looked at first. */

/** A look-up, a removal and a create. */
const MAX_CALLS = 3;

export function updates(calls: MembershipCalls, probe: Probe): Sender<MembershipChange> {
  return senderOf(probe, MAX_CALLS, (item, call) => update(calls, item, call));
}

export function removals(calls: MembershipCalls, probe: Probe): Sender<MadeMembership> {
  return senderOf(probe, MAX_CALLS, (item, call) => remove(calls, item, call));
}

async function update(calls: MembershipCalls, item: Item<MembershipChange>, call: Call): Promise<Settled> {
  const change = item.record;
  const { destinationId, planned, written, changedThere, roles } = change;
  await call.read();
  const found = nullIfAbsent(await calls.byId(destinationId));
  if (!found.ok) return outcomeOf(found.failure);
  // One that is made anew for its default role gets another id: an earlier try of this may have removed this one.
  if (found.value === null) return item.inDoubt ? foundAnew(calls, item, call) : GONE;
  const outcome = { kind: "updated" as const, destinationId, fingerprint: planned, kept: [] };
  if (found.value.status === "active" && hasRoles(found.value, roles, change)) return outcome;
  // A new one would be active: whoever was deactivated there stays so, whatever the file says of roles.
  const isBarred = roles.length === 0 && found.value.status !== "active";
  if (isBarred || (changedThere === "keep" && !isAsWritten(found.value, change)))
    return { ...outcome, fingerprint: written ?? planned, kept: ["roles"] };
  if (roles.length === 0) return anew(item, await makeAnew(calls, item, call, found.value));
  await call.write([item]);
  const changed = await calls.change(destinationId, change);
  return changed.ok ? outcome : outcomeOf(changed.failure);
}

/** Whether it has what is to stand; of WorkOS's default only as far as it is known. */
export function hasRoles(
  { roles }: FoundMembership,
  planned: readonly string[],
  { defaultRoles }: WrittenRoles,
): boolean {
  const wanted = planned.length > 0 ? planned : defaultRoles;
  return wanted !== null && areSameRoles(roles, wanted);
}

export function isAsWritten({ status, roles }: FoundMembership, written: WrittenRoles): boolean {
  return status === "active" && areAsWritten(roles, written);
}

/** WorkOS gives its default role to a new membership alone. */
export async function makeAnew(
  calls: MembershipCalls,
  item: Item<MembershipRecord>,
  call: Call,
  standing: FoundMembership | null,
): Promise<FoundMembership | { failure: Failure }> {
  if (standing !== null) {
    await call.write([item]);
    const removed = await calls.remove(standing.id);
    if (!removed.ok) return removed;
  }
  await call.write([item]);
  const created = await calls.create(item.record);
  return created.ok ? created.value : created;
}

/** The other one may stand already: WorkOS refuses a second one. */
async function foundAnew(calls: MembershipCalls, item: Item<MembershipChange>, call: Call): Promise<Settled> {
  await call.read();
  const found = nullIfAbsent(await calls.membership(item.record.userId, item.record.organizationId));
  if (!found.ok) return outcomeOf(found.failure);
  return anew(item, found.value ?? (await makeAnew(calls, item, call, null)));
}

function anew(
  { record: { planned } }: Item<MembershipChange>,
  made: FoundMembership | { failure: Failure },
): Settled {
  if ("failure" in made) return outcomeOf(made.failure);
  const { id, roles } = made;
  const details: MembershipDetails = { roles };
  return { kind: "updated", destinationId: id, fingerprint: planned, kept: [], details };
}

async function remove(calls: MembershipCalls, item: Item<MadeMembership>, call: Call): Promise<Settled> {
  const { destinationId, userId, organizationId } = item.record;
  if (destinationId === null) {
    await call.read();
    const found = nullIfAbsent(await calls.membership(userId, organizationId));
    if (!found.ok) return outcomeOf(found.failure);
    if (found.value === null) return goneOrTooEarly(item, call);
    if (ours(found.value, item).kind !== "created") return NOT_MADE_HERE;
    return removeById(calls, found.value.id, item, call);
  }
  return removeById(calls, destinationId, item, call);
}

async function removeById(
  calls: MembershipCalls,
  id: string,
  item: Item<MadeMembership>,
  call: Call,
): Promise<Settled> {
  await call.write([item]);
  return removal(await calls.remove(id), item);
}

import type { WorkOS } from "@workos-inc/node";
import type { MembershipDetails, MembershipRecord } from "../../domain/records.ts";
import { fingerprintOf, withUnknownFields } from "../../plan/fingerprint.ts";
import type { Call, Item, Outcome } from "../sending.ts";
import { type MembershipPage, type Memberships, USER_OR_ORGANIZATION_MISSING } from "../structure.ts";
import { type Called, foundAnswerOf, nullIfAbsent, pageAnswerOf } from "./calls.ts";
import { type FoundMembership, type MembershipCalls, membershipCalls } from "./membership-calls.ts";
import { hasRoles, isAsWritten, makeAnew, removals, updates } from "./membership-changes.ts";
import { type Absence, ours, outcomeOf, type Probe, type Settled, senderOf, settle } from "./settle.ts";

/** A look-up, a create and a look-up. */
const MAX_CALLS = 3;
const MISSING: Absence = {
  code: USER_OR_ORGANIZATION_MISSING,
  message: "WorkOS does not know the user or the organization.",
};

/** Found again by person and organization: of the two there is one at most. */
export function createMemberships(client: WorkOS, probe: Probe): Memberships {
  const calls = membershipCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendMembership(calls, item, call)),
    updates: updates(calls, probe),
    removals: removals(calls, probe),
    list: async (organizationId, cursor) =>
      pageAnswerOf(await listMembers(calls, organizationId, cursor), cursor),
    find: async (userId, organizationId) =>
      foundAnswerOf(nullIfAbsent(await calls.member(userId, organizationId))),
  };
}

/**
 * Create; whatever leaves doubt is looked up by person and organization. A create changes an inactive membership:
 * WorkOS activates it, with the roles of the create (OpenAPI 0.61). Of anyone who may have been a member before,
 * `inDoubt` keeps it as it is.
 */
async function sendMembership(
  calls: MembershipCalls,
  item: Item<MembershipRecord>,
  call: Call,
): Promise<Settled> {
  const lookUp = async () => {
    await call.read();
    return findMembership(calls, item.record);
  };
  if (item.inDoubt) {
    const earlier = await lookUp();
    if (!earlier.ok) return outcomeOf(earlier.failure);
    if (earlier.value !== null) return foundAgain(calls, earlier.value, item, call);
  }
  await call.write([item]);
  const created = await calls.create(item.record);
  // One that was there and inactive is answered as if it were new.
  if (created.ok) return oursOf(created.value, item);
  let found: FoundMembership | null = null;
  const settled = await settle(
    created.failure,
    async () => {
      const answer = await lookUp();
      if (answer.ok) found = answer.value;
      return answer;
    },
    item,
    MISSING,
  );
  return found === null || settled.kind === "forbidden" ? settled : withRoles(settled, found, item);
}

/**
 * An earlier run may have made it of another plan: what was planned since is written now, as a role is a right. Where
 * somebody changed it at WorkOS, nothing is, and nobody knows its roles.
 */
async function foundAgain(
  calls: MembershipCalls,
  found: FoundMembership,
  item: Item<MembershipRecord>,
  call: Call,
): Promise<Settled> {
  const outcome = ours(found, item);
  const { roles, earlier } = item.record;
  if (outcome.kind !== "created" || earlier === undefined) return oursOf(found, item);
  if (hasRoles(found, roles, earlier)) return oursOf(found, item);
  const isOurs = found.status === "active" && (found.isAsMade || isAsWritten(found, earlier));
  if (!isOurs) return { ...outcome, holds: withUnknownFields(fingerprintOf({}), ["roles"]) };
  if (roles.length === 0) {
    const made = await makeAnew(calls, item, call, found);
    return "failure" in made ? outcomeOf(made.failure) : oursOf(made, item);
  }
  await call.write([item]);
  const changed = await calls.change(found.id, item.record);
  return changed.ok ? outcome : outcomeOf(changed.failure);
}

function oursOf(found: FoundMembership, item: Item<MembershipRecord>): Outcome {
  return withRoles(ours(found, item), found, item);
}

/** Where WorkOS chose the role, it says which. */
function withRoles(outcome: Outcome, { roles }: FoundMembership, item: Item<MembershipRecord>): Outcome {
  if (outcome.kind !== "created" || item.record.roles.length > 0) return outcome;
  const details: MembershipDetails = { roles };
  return { ...outcome, details };
}

/** A pending one is refused whatever is tried: only the person who was invited can accept it. */
async function findMembership(
  calls: MembershipCalls,
  { userId, organizationId }: MembershipRecord,
): Promise<Called<FoundMembership | null>> {
  const found = nullIfAbsent(await calls.membership(userId, organizationId));
  if (!found.ok || found.value?.status !== "pending") return found;
  const code = "cannot_reactivate_pending_organization_membership";
  const message = "The user is invited to the organization and has not accepted yet.";
  return { ok: false, failure: { kind: "rejected", code, message } };
}

/** An organization that was removed has no members; behind a cursor, it may be the cursor that is refused. */
async function listMembers(
  calls: MembershipCalls,
  organizationId: string,
  cursor: string | null,
): Promise<Called<MembershipPage>> {
  const page = await calls.members(organizationId, cursor);
  if (cursor !== null) return page;
  const first = nullIfAbsent(page);
  const none: MembershipPage = { members: [], unreadable: [], nextCursor: null };
  return first.ok ? { ok: true, value: first.value ?? none } : first;
}

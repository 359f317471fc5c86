import type { WorkOS } from "@workos-inc/node";
import { z } from "zod";
import type { MembershipRecord } from "../../domain/records.ts";
import type { Call, Item } from "../sending.ts";
import {
  type FoundMember,
  type MembershipPage,
  type Memberships,
  USER_OR_ORGANIZATION_MISSING,
} from "../structure.ts";
import {
  type Called,
  called,
  foundAnswerOf,
  goodRows,
  nullIfAbsent,
  pageAnswerOf,
  pageQuery,
} from "./calls.ts";
import {
  type Absence,
  type Made,
  ours,
  outcomeOf,
  type Probe,
  type Settled,
  senderOf,
  settle,
} from "./settle.ts";

/** A look-up, a create and a look-up. */
const MAX_CALLS = 3;
const MEMBERSHIPS = "/user_management/organization_memberships";
/** By default only active ones are listed. */
const EVERY_STATUS = ["active", "inactive", "pending"] as const;

const MISSING: Absence = {
  code: USER_OR_ORGANIZATION_MISSING,
  message: "WorkOS does not know the user or the organization.",
};

/** Found again by person and organization: of the two there is one at most. */
export function createMemberships(client: WorkOS, probe: Probe): Memberships {
  const calls = membershipCalls(client);
  return {
    ...senderOf(probe, MAX_CALLS, (item, call) => sendMembership(calls, item, call)),
    list: async (organizationId, cursor) =>
      pageAnswerOf(await listMembers(calls, organizationId, cursor), cursor),
    find: async (userId, organizationId) =>
      foundAnswerOf(nullIfAbsent(await calls.member(userId, organizationId))),
  };
}

type MembershipCalls = ReturnType<typeof membershipCalls>;

/** One HTTP call each; never rejects. */
function membershipCalls(client: WorkOS) {
  const { userManagement } = client;
  /** Past the SDK, which drops whose memberships they are. */
  const read = async (query: Record<string, string | number>) => {
    const statuses = EVERY_STATUS.join(",");
    return (await client.get<unknown>(MEMBERSHIPS, { query: { ...query, statuses } })).data;
  };
  return {
    create: (record: MembershipRecord) =>
      called(async () => toMembership(await userManagement.createOrganizationMembership(toOptions(record)))),
    membership: (userId: string, organizationId: string) =>
      called(async () => {
        const query = { userId, organizationId, statuses: [...EVERY_STATUS] };
        const { data } = await userManagement.listOrganizationMemberships(query);
        return notInvited(data.map(toMembership));
      }),
    /** One page, oldest first. */
    members: (organizationId: string, cursor: string | null) =>
      called(async () => toMembers(await read({ organization_id: organizationId, ...pageQuery(cursor) }))),
    member: (userId: string, organizationId: string) =>
      called(async () => {
        const { members, unreadable } = toMembers(
          await read({ user_id: userId, organization_id: organizationId }),
        );
        if (unreadable.length > 0) throw new Error("A membership in the answer cannot be read.");
        return notInvited(members);
      }),
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
    if (earlier.value !== null) return ours(earlier.value, item);
  }
  await call.write([item]);
  const created = await calls.create(item.record);
  // One that was there and inactive is answered as if it were new.
  if (created.ok) return ours(created.value, item);
  return settle(created.failure, lookUp, item, MISSING);
}

/** A pending one is refused whatever is tried: only the person who was invited can accept it. */
async function findMembership(
  calls: MembershipCalls,
  { userId, organizationId }: MembershipRecord,
): Promise<Called<Made | null>> {
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

/** An invitation counts only where there is nothing else. */
function notInvited<Found extends { status: string }>(found: readonly Found[]): Found | null {
  return found.find(({ status }) => status !== "pending") ?? found[0] ?? null;
}

type Options = Parameters<WorkOS["userManagement"]["createOrganizationMembership"]>[0];

/** `role_slugs` only for several: an environment may have them turned off. */
function toOptions({ userId, organizationId, roles }: MembershipRecord): Options {
  const [roleSlug, ...others] = roles;
  if (roleSlug === undefined) return { userId, organizationId };
  if (others.length === 0) return { userId, organizationId, roleSlug };
  return { userId, organizationId, roleSlugs: [...roles] };
}

const membershipStatus = z.enum(["active", "inactive", "pending"]);
const answeredMembership = z.object({
  id: z.string().min(1),
  createdAt: z.iso.datetime({ offset: true }),
  status: membershipStatus,
});

interface FoundMembership extends Made {
  status: z.output<typeof membershipStatus>;
}

/** Throws when the answer lacks what an outcome rests on. */
function toMembership(answer: unknown): FoundMembership {
  const { id, createdAt, status } = answeredMembership.parse(answer);
  return { id, createdAtMs: Date.parse(createdAt), status };
}

const slug = z.object({ slug: z.string().min(1) });
/** `UserlandUserOrganizationMembershipList` of OpenAPI 0.61. The SDK's own type has `roles` optional, and no `user`. */
const answeredMember = z.object({
  status: membershipStatus,
  role: slug,
  roles: z.array(slug).optional(),
  user: z.object({ external_id: z.string().nullable() }).optional().catch(undefined),
});
const answeredMembers = z.object({
  data: z.array(z.unknown()),
  list_metadata: z.object({ after: z.string().nullish() }),
});

function toMembers(answer: unknown): MembershipPage {
  const { data, list_metadata } = answeredMembers.parse(answer);
  const { good: members, unreadable } = goodRows(data, toMember);
  return { members, unreadable, nextCursor: list_metadata.after ?? null };
}

function toMember(row: unknown): FoundMember {
  const { status, role, roles = [role], user } = answeredMember.parse(row);
  return { userExternalId: user?.external_id ?? null, status, roles: roles.map((one) => one.slug) };
}

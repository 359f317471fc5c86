import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { codedError, invalidQuery } from "./api-error.ts";
import { commaList, pageFields, parse } from "./bodies.ts";
import { MEMBERSHIP_STATUSES, membershipKey, type WorkosMembership } from "./membership-store.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { jsonOf, named, pageFor, referred } from "./requests.ts";
import { DEFAULT_ROLE } from "./role-store.ts";
import type { Stores } from "./stores.ts";

const MEMBERSHIPS = "/user_management/organization_memberships";

/** `UpdateUserlandUserOrganizationMembershipDto`; that at most one of them is given is checked apart. */
const roleFields = {
  role_slug: z.string().min(1).optional(),
  role_slugs: z.array(z.string().min(1)).min(1).optional(),
};
type GivenRoles = z.output<z.ZodObject<typeof roleFields>>;

const isOneAtMost = ({ role_slug, role_slugs }: GivenRoles) =>
  role_slug === undefined || role_slugs === undefined;
const ONE_AT_MOST = "role_slug and role_slugs are mutually exclusive";

/** `CreateUserlandUserOrganizationMembershipDto`. */
const createBody = z
  .strictObject({ user_id: z.string(), organization_id: z.string(), ...roleFields })
  .refine(isOneAtMost, ONE_AT_MOST);

const updateBody = z.strictObject(roleFields).refine(isOneAtMost, ONE_AT_MOST);

const listQuery = z.strictObject({
  ...pageFields,
  user_id: z.string().optional(),
  organization_id: z.string().optional(),
  statuses: commaList(z.enum(MEMBERSHIP_STATUSES)).default(["active"]),
});

export function membershipRoutes(stores: Stores, options: () => WorkosDoubleOptions): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const { memberships } = stores;

  routes.post(MEMBERSHIPS, async (context) => {
    const { user_id, organization_id, ...given } = parse(createBody, await jsonOf(context));
    const key = membershipKey({ user_id, organization_id });
    context.set("key", key);
    referred(stores.users.users.get(user_id), `User '${user_id}'`);
    referred(stores.organizations.byId.get(organization_id), `Organization '${organization_id}'`);
    const roles = rolesOf(given, stores, options()) ?? rolesFrom([DEFAULT_ROLE]);
    const before = memberships.holderOf(key);
    if (before !== null) {
      checkInactive(before, options());
      memberships.change(before, { status: "active", ...roles });
      return context.json(answerOf(before, stores), 201);
    }
    const membership = memberships.create(
      {
        object: "organization_membership",
        ...memberships.stamp(),
        user_id,
        organization_id,
        status: "active",
        directory_managed: false,
        ...roles,
      },
      options().lookupLagMs,
    );
    return context.json(answerOf(membership, stores), 201);
  });

  routes.get(MEMBERSHIPS, (context) => {
    const parsed = parse(listQuery, context.req.query(), invalidQuery);
    const { user_id, organization_id, statuses, ...query } = parsed;
    if (user_id === undefined && organization_id === undefined)
      throw codedError(400, "missing_user_id_or_organization_id", "Give a user_id or an organization_id.");
    context.set("key", [user_id, organization_id].filter((id) => id !== undefined).join(" "));
    if (user_id !== undefined) referred(stores.users.users.get(user_id), `User '${user_id}'`);
    if (organization_id !== undefined)
      referred(stores.organizations.byId.get(organization_id), `Organization '${organization_id}'`);
    const keeps = (membership: WorkosMembership) =>
      statuses.includes(membership.status) &&
      (organization_id === undefined || membership.organization_id === organization_id);
    const page = pageFor(memberships.page(query, { group: user_id ?? organization_id, keeps }));
    return context.json({ ...page, data: page.data.map((membership) => answerOf(membership, stores)) });
  });

  routes.get(`${MEMBERSHIPS}/:id`, (context) =>
    context.json(answerOf(named(context, memberships, "Organization membership"), stores)),
  );

  routes.put(`${MEMBERSHIPS}/:id`, async (context) => {
    const membership = named(context, memberships, "Organization membership");
    const roles = rolesOf(parse(updateBody, await jsonOf(context)), stores, options());
    memberships.change(membership, roles ?? {});
    return context.json(answerOf(membership, stores));
  });

  routes.delete(`${MEMBERSHIPS}/:id`, (context) => {
    memberships.remove(named(context, memberships, "Organization membership"));
    return context.body(null, 200);
  });

  return routes;
}

/** Null where the body names none. */
function rolesOf(
  { role_slug, role_slugs }: GivenRoles,
  { roles }: Stores,
  { multipleRoles }: WorkosDoubleOptions,
): ReturnType<typeof rolesFrom> | null {
  const slugs = role_slug === undefined ? role_slugs : [role_slug];
  if (slugs === undefined) return null;
  if (slugs.length > 1 && !multipleRoles)
    throw codedError(422, "multiple_roles_not_enabled", "Multiple roles are not enabled.");
  for (const slug of slugs)
    if (roles.holderOf(slug) === null) throw codedError(422, "invalid_role", `There is no role '${slug}'.`);
  return rolesFrom([...new Set(slugs)]);
}

function rolesFrom(slugs: readonly string[]): Pick<WorkosMembership, "role" | "roles"> {
  return { role: { slug: slugs[0] ?? DEFAULT_ROLE }, roles: slugs.map((slug) => ({ slug })) };
}

/** Document: a create activates an inactive membership. It tells no answer for an active one; both were seen. */
function checkInactive(
  { status }: WorkosMembership,
  { membershipDuplicateStyle }: WorkosDoubleOptions,
): void {
  if (status === "inactive") return;
  if (status === "pending")
    throw codedError(400, "cannot_reactivate_pending_organization_membership", "It is still pending.");
  const message = "The user is a member of the organization already.";
  if (membershipDuplicateStyle === "unprocessable422")
    throw codedError(422, "entity_already_exists", message);
  throw codedError(409, "organization_membership_already_exists", message);
}

function answerOf(membership: WorkosMembership, { users, organizations }: Stores) {
  const organization = organizations.byId.get(membership.organization_id);
  return {
    ...membership,
    ...(organization === undefined ? {} : { organization_name: organization.name }),
    user: users.users.get(membership.user_id),
  };
}

import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { codedError, invalidQuery, notFound, unprocessable } from "./api-error.ts";
import { authorizationFields, noFields, parse } from "./bodies.ts";
import { jsonOf, referred } from "./requests.ts";
import { ORGANIZATION_RESOURCE, type WorkosRole } from "./role-store.ts";
import type { Stores } from "./stores.ts";

const ROLES = "/authorization/roles";

/** `CreateRoleDto`. */
const createBody = z.strictObject({
  slug: z
    .string()
    .max(48)
    .regex(/^[a-z0-9][a-z0-9_-]*$/),
  ...authorizationFields,
});
const addBody = z.strictObject({ slug: z.string() });
const setBody = z.strictObject({ permissions: z.array(z.string()) });

export function roleRoutes({ roles, permissions }: Stores): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const roleOf = (slug: string) => referred(roles.holderOf(slug), `Role '${slug}'`);
  const granted = (role: WorkosRole, slugs: readonly string[]) => {
    for (const slug of slugs) if (permissions.holderOf(slug) === null) throw notFound(`Permission '${slug}'`);
    roles.change(role, { permissions: [...new Set(slugs)] });
    return role;
  };

  routes.post(ROLES, async (context) => {
    const body = parse(createBody, await jsonOf(context), unprocessable);
    context.set("key", body.slug);
    if (body.resource_type_slug !== ORGANIZATION_RESOURCE)
      throw notFound(`Resource type '${body.resource_type_slug}'`);
    if (roles.holderOf(body.slug) !== null)
      throw codedError(409, "role_slug_conflict", `There is a role '${body.slug}' already.`);
    const role: WorkosRole = {
      object: "role",
      ...roles.stamp(),
      ...body,
      type: "EnvironmentRole",
      permissions: [],
    };
    return context.json(roles.create(role), 201);
  });

  /** All of them at once: the document knows no pages here. */
  routes.get(ROLES, (context) => {
    parse(noFields, context.req.query(), invalidQuery);
    return context.json({ object: "list", data: roles.all() });
  });

  routes.get(`${ROLES}/:slug`, (context) => {
    const slug = context.req.param("slug");
    context.set("key", slug);
    return context.json(roleOf(slug));
  });

  routes.post(`${ROLES}/:slug/permissions`, async (context) => {
    context.set("key", context.req.param("slug"));
    const role = roleOf(context.req.param("slug"));
    const { slug } = parse(addBody, await jsonOf(context), unprocessable);
    return context.json(granted(role, [...role.permissions, slug]));
  });

  routes.put(`${ROLES}/:slug/permissions`, async (context) => {
    context.set("key", context.req.param("slug"));
    const role = roleOf(context.req.param("slug"));
    return context.json(granted(role, parse(setBody, await jsonOf(context), unprocessable).permissions));
  });

  return routes;
}

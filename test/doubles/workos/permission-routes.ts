import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { codedError, invalidQuery, notFound, unprocessable } from "./api-error.ts";
import { authorizationFields, pageFields, parse } from "./bodies.ts";
import { jsonOf, pageFor, referred } from "./requests.ts";
import { ORGANIZATION_RESOURCE, type WorkosPermission } from "./role-store.ts";
import type { Stores } from "./stores.ts";

const PERMISSIONS = "/authorization/permissions";

/** `CreateAuthorizationPermissionDto`: lowercase letters, numbers, hyphens, underscores, colons, periods, asterisks. */
const createBody = z.strictObject({
  slug: z
    .string()
    .max(48)
    .regex(/^[a-z0-9_:.*-]+$/),
  ...authorizationFields,
});
const listQuery = z.strictObject(pageFields);

export function permissionRoutes({ permissions }: Stores): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();

  routes.post(PERMISSIONS, async (context) => {
    const body = parse(createBody, await jsonOf(context), unprocessable);
    context.set("key", body.slug);
    if (body.resource_type_slug !== ORGANIZATION_RESOURCE)
      throw notFound(`Resource type '${body.resource_type_slug}'`);
    if (permissions.holderOf(body.slug) !== null)
      throw codedError(409, "permission_slug_conflict", `There is a permission '${body.slug}' already.`);
    const permission: WorkosPermission = {
      object: "permission",
      ...permissions.stamp(),
      ...body,
      system: false,
    };
    return context.json(permissions.create(permission), 201);
  });

  routes.get(PERMISSIONS, (context) =>
    context.json(pageFor(permissions.page(parse(listQuery, context.req.query(), invalidQuery)))),
  );

  routes.get(`${PERMISSIONS}/:slug`, (context) => {
    const slug = context.req.param("slug");
    context.set("key", slug);
    return context.json(referred(permissions.holderOf(slug), `Permission '${slug}'`));
  });

  return routes;
}

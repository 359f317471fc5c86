import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError, invalidQuery, unprocessable } from "./api-error.ts";
import { pageFields, parse } from "./bodies.ts";
import { connectionBody, connectionType, hasOneKindOfOptions } from "./connection-bodies.ts";
import { connectionFrom, connectionKey, type WorkosConnection } from "./connection-store.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { jsonOf, named, pageFor, referred } from "./requests.ts";
import type { Stores } from "./stores.ts";

const CONNECTIONS = "/connections";

const createBody = connectionBody.refine(hasOneKindOfOptions, "give either oidc_options or saml_options");

const listQuery = z.strictObject({
  ...pageFields,
  connection_type: connectionType.optional(),
  domain: z.string().optional(),
  organization_id: z.string().optional(),
  search: z.string().optional(),
});

export function connectionRoutes(stores: Stores, options: () => WorkosDoubleOptions): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const { connections, organizations } = stores;

  routes.post(CONNECTIONS, async (context) => {
    if (!options().connectionsApi)
      throw new ApiError(404, { message: "The Connections API is not enabled for this environment." });
    const body = parse(createBody, await jsonOf(context), unprocessable);
    const { organization_id, external_id } = body;
    context.set("key", external_id ?? body.name);
    referred(organizations.byId.get(organization_id), `Organization '${organization_id}'`);
    const before =
      external_id === undefined ? null : connections.holderOf(connectionKey(organization_id, external_id));
    if (before !== null) return context.json(connectionAnswer(before));
    const connection = connections.create(connectionFrom(body, connections, "validating"));
    return context.json(connectionAnswer(connection), 201);
  });

  routes.get(CONNECTIONS, (context) => {
    const parsed = parse(listQuery, context.req.query(), invalidQuery);
    const { connection_type, domain, organization_id, search = "", ...query } = parsed;
    const keeps = (connection: WorkosConnection) =>
      (connection_type === undefined || connection.connection_type === connection_type) &&
      (domain === undefined || connection.domains.some((other) => other.domain === domain)) &&
      connection.name.toLowerCase().includes(search.toLowerCase());
    const page = pageFor(connections.page(query, { group: organization_id, keeps }));
    return context.json({ ...page, data: page.data.map(connectionAnswer) });
  });

  routes.get(`${CONNECTIONS}/:id`, (context) =>
    context.json(connectionAnswer(named(context, connections, "Connection"))),
  );

  routes.delete(`${CONNECTIONS}/:id`, (context) => {
    connections.remove(named(context, connections, "Connection"));
    return context.body(null, 204);
  });

  return routes;
}

/** Nothing of how it was set up, least of all its secret. */
function connectionAnswer(connection: WorkosConnection) {
  const { external_id, oidc_options, saml_options, attribute_maps, ...answer } = connection;
  return { ...answer, status: connection.state === "active" ? "linked" : "unlinked" };
}

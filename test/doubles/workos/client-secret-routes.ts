import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import type { DoubleEnv } from "../shared/serve.ts";
import { notFound, unprocessable } from "./api-error.ts";
import { APPLICATIONS, namedApplication } from "./application-routes.ts";
import type { WorkosClientSecret } from "./application-store.ts";
import { noFields, parse } from "./bodies.ts";
import { jsonOf } from "./requests.ts";
import type { Stores } from "./stores.ts";

export function clientSecretRoutes(stores: Stores): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const { clientSecrets } = stores;

  routes.post(`${APPLICATIONS}/:id/client_secrets`, async (context) => {
    const application = namedApplication(context, stores);
    parse(noFields, await bodyOrNothing(context), unprocessable);
    const secret = randomBytes(32).toString("hex");
    const created = clientSecrets.create({
      object: "connect_application_secret",
      ...clientSecrets.stamp(),
      secret,
      secret_hint: secret.slice(-4),
      last_used_at: null,
      application_id: application.id,
      deleted_at: null,
    });
    return context.json({ ...withoutValue(created), secret }, 201);
  });

  /** A bare list: the document knows no pages here. */
  routes.get(`${APPLICATIONS}/:id/client_secrets`, (context) => {
    const { id } = namedApplication(context, stores);
    const secrets = clientSecrets.inGroup(id).filter(({ deleted_at }) => deleted_at === null);
    return context.json(secrets.map(withoutValue));
  });

  routes.delete("/connect/client_secrets/:id", (context) => {
    const id = context.req.param("id");
    context.set("key", id);
    const secret = clientSecrets.byId.get(id);
    if (secret === undefined || secret.deleted_at !== null) throw notFound(`Client secret '${id}'`);
    const application = stores.applications.byId.get(secret.application_id);
    if (application !== undefined) context.set("key", stores.applications.nameOf(application));
    clientSecrets.change(secret, { deleted_at: new Date().toISOString() });
    return context.body(null, 204);
  });

  return routes;
}

/** The value is shown once, at its creation. */
function withoutValue({ secret, application_id, deleted_at, ...shown }: WorkosClientSecret) {
  return shown;
}

async function bodyOrNothing(context: Context<DoubleEnv>): Promise<unknown> {
  return (await context.req.text()) === "" ? {} : jsonOf(context);
}

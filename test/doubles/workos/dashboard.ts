import { Hono } from "hono";
import { z } from "zod";
import type { Journal } from "../shared/journal.ts";
import type { DoubleEnv } from "../shared/serve.ts";
import { connectionBody } from "./connection-bodies.ts";
import { CONNECTION_STATES, connectionFrom, type WorkosConnection } from "./connection-store.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { replacePassword } from "./password-fields.ts";
import { type ProviderSettings, providerSettings } from "./providers.ts";
import type { Stores } from "./stores.ts";

/** The options may be missing, as of one that somebody has only begun. */
const personsConnection = connectionBody.safeExtend({ state: z.enum(CONNECTION_STATES).default("active") });
export type PersonsConnection = z.input<typeof personsConnection>;

/** What people do in WorkOS's dashboard and Admin Portal, played by tests. Journaled as operation `dashboard`. */
export interface Dashboard {
  /** A provider's own client; throws for what the dashboard has no field for. */
  configureProvider(settings: ProviderSettings): void;
  /** Over a portal link or the dashboard: not counted as created. Throws for an unknown organization. */
  addConnection(connection: PersonsConnection): WorkosConnection;
  /**
   * An operator gives somebody another password, here or by `PUT /user_management/users/{id}` from elsewhere: no event of
   * password resets tells of it (WorkOS docs, "Events"). Throws for an unknown user id.
   */
  replacePassword(userId: string, text: string): void;
}

export function createDashboard(
  stores: Stores,
  journal: Journal,
  options: () => WorkosDoubleOptions,
): Dashboard {
  const record = (path: string, key: string) =>
    journal.end(
      journal.begin({
        method: "POST",
        path: `/__double/dashboard/${path}`,
        operation: "dashboard",
        query: "",
      }),
      200,
      key,
    );
  return {
    configureProvider(given) {
      const settings = providerSettings.parse(given);
      const { provider, clientId } = settings;
      if (clientId === null) stores.providers.delete(provider);
      else stores.providers.set(provider, { ...settings, clientId });
      record("providers", provider);
    },
    addConnection(given) {
      const { state, ...body } = personsConnection.parse(given);
      if (!stores.organizations.byId.has(body.organization_id))
        throw new Error(`There is no organization ${body.organization_id}.`);
      const connection = stores.connections.add(connectionFrom(body, stores.connections, state));
      record("connections", stores.connections.nameOf(connection));
      return connection;
    },
    replacePassword(userId, text) {
      const user = stores.users.users.get(userId);
      if (user === undefined) throw new Error(`There is no user ${userId}.`);
      replacePassword(stores, user, { kind: "text", text }, options());
      record("passwords", userId);
    },
  };
}

/** POST /dashboard/providers and POST /dashboard/connections: what `Dashboard` takes. */
export function dashboardRoutes(dashboard: Dashboard): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  routes.post("/dashboard/providers", async (context) => {
    dashboard.configureProvider(providerSettings.parse(await context.req.json()));
    return context.json({ ok: true });
  });
  routes.post("/dashboard/connections", async (context) => {
    const made = dashboard.addConnection(personsConnection.parse(await context.req.json()));
    return context.json(made);
  });
  routes.onError((error, context) => context.json({ error: error.message }, 400));
  return routes;
}

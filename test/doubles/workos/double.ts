import { Hono } from "hono";
import { z } from "zod";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, type RunningServer, serve } from "../shared/serve.ts";
import { controlRoutes } from "../shared/serve-control.ts";
import { ApiError } from "./api-error.ts";
import { applicationRoutes } from "./application-routes.ts";
import { authenticateRoutes, jwksRoutes } from "./authenticate-routes.ts";
import { authorizeRoutes } from "./authorize-routes.ts";
import { clientSecretRoutes } from "./client-secret-routes.ts";
import { connectionRoutes } from "./connection-routes.ts";
import { userControlRoutes } from "./control.ts";
import { type Credentials, createCredentials } from "./credentials.ts";
import { createDashboard, type Dashboard, dashboardRoutes } from "./dashboard.ts";
import { eventRoutes } from "./event-routes.ts";
import { gate } from "./gate.ts";
import { membershipRoutes } from "./membership-routes.ts";
import { operationOf } from "./operations.ts";
import { type GivenOptions, optionsSchema } from "./options.ts";
import { organizationRoutes } from "./organization-routes.ts";
import { passwordResetRoutes } from "./password-reset-routes.ts";
import { permissionRoutes } from "./permission-routes.ts";
import { portalRoutes } from "./portal-routes.ts";
import { redirectUriRoutes } from "./redirect-uri-routes.ts";
import { roleRoutes } from "./role-routes.ts";
import { createSessionIssuer } from "./session-tokens.ts";
import { ssoTokenRoutes } from "./sso-token-routes.ts";
import { stateOf, type WorkosState } from "./state.ts";
import { createStores, type Stores } from "./stores.ts";
import { userRoutes } from "./user-routes.ts";
import type { NewUser, WorkosUser } from "./user-store.ts";

export type { WorkosState } from "./state.ts";

/**
 * A strict stand-in of WorkOS, derived from the OpenAPI document 0.61 (workos/openapi-spec: paths, bodies, answers,
 * error codes) and, where that is silent or wider, the WorkOS docs ("Rate limits", "Metadata", "External identifiers",
 * "Create a Connection", "Get an authorization URL", "Authentication errors"). Unlike WorkOS it refuses every field
 * that it does not know.
 */
export interface WorkosDouble extends RunningServer, Dashboard, Credentials {
  /** The key that is taken at the start. */
  key: string;
  clientId: string;
  journal: Journal;
  faults: Faults;
  /** By id. */
  users: ReadonlyMap<string, WorkosUser>;
  /** What the environment holds; `add` puts something there as if it had been there before the run. */
  stores: Stores;
  /** Changes the options named; throws for one it does not know. */
  setOptions(options: GivenOptions): void;
  /** Users who were there before the run: visible at once, and not counted as created. */
  seed(users: readonly NewUser[]): WorkosUser[];
  state(): WorkosState;
}

export interface StartOptions {
  port?: number | undefined;
  options?: GivenOptions | undefined;
  /** Another one than the default is another environment. */
  clientId?: string | undefined;
}

const CLIENT_ID = "client_01DOUBLE0000000000000000";

export async function startWorkosDouble(given: StartOptions = {}): Promise<WorkosDouble> {
  const stores = createStores();
  const journal = createJournal();
  const faults = createFaults();
  const { clientId = CLIENT_ID } = given;
  let options = optionsSchema.parse(given.options ?? {});
  faults.latencyMs = options.latencyMs;
  const { key } = options;
  const setOptions = (changes: unknown) => {
    options = optionsSchema.parse({ ...options, ...z.looseObject({}).parse(changes) });
    faults.latencyMs = options.latencyMs;
  };
  const seed = (users: readonly NewUser[]) => users.map((user) => stores.users.seed(user));
  const users = () => [...stores.users.users.values()];
  const state = () => stateOf(stores);
  const currentOptions = () => options;
  const dashboard = createDashboard(stores, journal, currentOptions);
  const sessions = createSessionIssuer();
  const authenticating = { stores, clientId, sessions, options: currentOptions };

  const app = new Hono<DoubleEnv>();
  app.route("/__double", controlRoutes({ journal, faults, state, setOptions }));
  app.route("/__double", userControlRoutes(users, seed));
  app.route("/__double", dashboardRoutes(dashboard));
  app.use(disturb({ journal, faults, operationOf: ({ req }) => operationOf(req.method, req.path) }));
  app.route("/", authorizeRoutes({ stores, clientId, options: currentOptions }));
  app.route("/", jwksRoutes(authenticating));
  app.route("/", ssoTokenRoutes(authenticating));
  app.use(gate(currentOptions));
  app.route("/", authenticateRoutes(authenticating));
  app.route("/", userRoutes(stores, currentOptions));
  app.route("/", passwordResetRoutes(stores, currentOptions));
  app.route("/", eventRoutes(stores.events));
  app.route("/", organizationRoutes(stores, currentOptions));
  app.route("/", membershipRoutes(stores, currentOptions));
  app.route("/", roleRoutes(stores));
  app.route("/", permissionRoutes(stores));
  app.route("/", applicationRoutes(stores, currentOptions));
  app.route("/", clientSecretRoutes(stores));
  app.route("/", redirectUriRoutes(stores));
  app.route("/", connectionRoutes(stores, currentOptions));
  app.route("/", portalRoutes(stores));
  app.notFound((context) => context.json({ message: "Not Found" }, 404));
  app.onError((error, context) => {
    if (error instanceof ApiError) return context.json(error.body, error.status);
    return context.json({ message: error.message }, 500);
  });

  const server = await serve(app, given.port);
  return {
    ...server,
    ...dashboard,
    ...createCredentials(stores),
    key,
    clientId,
    journal,
    faults,
    users: stores.users.users,
    stores,
    setOptions,
    seed,
    state,
  };
}

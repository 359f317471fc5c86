import { Hono } from "hono";
import { z } from "zod";
import { createFaults, type Faults } from "../shared/faults.ts";
import { disturb } from "../shared/faults-middleware.ts";
import { createJournal, type Journal } from "../shared/journal.ts";
import { type DoubleEnv, type RunningServer, serve } from "../shared/serve.ts";
import { controlRoutes } from "../shared/serve-control.ts";
import { ApiError } from "./api-error.ts";
import { userControlRoutes } from "./control.ts";
import { gate, operationOf } from "./gate.ts";
import { type GivenOptions, optionsSchema } from "./options.ts";
import { userRoutes } from "./user-routes.ts";
import { type NewUser, UserStore, type WorkosUser } from "./user-store.ts";

/**
 * A strict stand-in of WorkOS User Management, derived from the OpenAPI document 0.61 (workos/openapi-spec: paths,
 * bodies, users, error codes) and, where that is silent or wider, the WorkOS docs ("Rate limits", "Metadata",
 * "External identifiers"). Unlike WorkOS it refuses every field that it does not know, passwords among them.
 */
export interface WorkosDouble extends RunningServer {
  /** The key that is taken at the start. */
  key: string;
  clientId: string;
  journal: Journal;
  faults: Faults;
  /** By id. */
  users: ReadonlyMap<string, WorkosUser>;
  /** Changes the options named; throws for one it does not know. */
  setOptions(options: GivenOptions): void;
  /** Users who were there before the run: visible at once, and not counted as created. */
  seed(users: readonly NewUser[]): WorkosUser[];
  state(): WorkosState;
}

export interface WorkosState {
  users: WorkosUser[];
  /** Creations over the API; more than 1 is a person made twice. */
  createdByExternalId: Record<string, number>;
}

export interface StartOptions {
  port?: number | undefined;
  options?: GivenOptions | undefined;
}

const CLIENT_ID = "client_01DOUBLE0000000000000000";

export async function startWorkosDouble(given: StartOptions = {}): Promise<WorkosDouble> {
  const store = new UserStore();
  const journal = createJournal();
  const faults = createFaults();
  let options = optionsSchema.parse(given.options ?? {});
  faults.latencyMs = options.latencyMs;
  const { key } = options;
  const setOptions = (changes: unknown) => {
    options = optionsSchema.parse({ ...options, ...z.looseObject({}).parse(changes) });
    faults.latencyMs = options.latencyMs;
  };
  const seed = (users: readonly NewUser[]) => users.map((user) => store.seed(user));
  const users = () => [...store.users.values()];
  const state = () => ({
    users: users(),
    createdByExternalId: Object.fromEntries(store.createdByExternalId),
  });

  const app = new Hono<DoubleEnv>();
  app.route("/__double", controlRoutes({ journal, faults, state, setOptions }));
  app.route("/__double", userControlRoutes(users, seed));
  app.use(disturb({ journal, faults, operationOf: ({ req }) => operationOf(req.method, req.path) }));
  app.use(gate(() => options));
  app.route(
    "/",
    userRoutes(store, () => options),
  );
  app.notFound((context) => context.json({ message: "Not Found" }, 404));
  app.onError((error, context) => {
    if (error instanceof ApiError) return context.json(error.body, error.status);
    return context.json({ message: error.message }, 500);
  });

  const server = await serve(app, given.port);
  return {
    ...server,
    key,
    clientId: CLIENT_ID,
    journal,
    faults,
    users: store.users,
    setOptions,
    seed,
    state,
  };
}

import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import type { NewUser, WorkosUser } from "./user-store.ts";

const newUsers = z.array(
  z.strictObject({
    email: z.string(),
    email_verified: z.boolean().optional(),
    first_name: z.string().nullish(),
    last_name: z.string().nullish(),
    external_id: z.string().nullish(),
    metadata: z.record(z.string(), z.string()).optional(),
    created_at: z.iso.datetime().optional(),
    last_sign_in_at: z.iso.datetime().nullish(),
  }),
);

/** GET /users: all of them. POST /users (a list): users who were there before the run. */
export function userControlRoutes(
  users: () => WorkosUser[],
  seed: (users: readonly NewUser[]) => WorkosUser[],
): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  routes.get("/users", (context) => context.json(users()));
  routes.post("/users", async (context) => context.json(seed(newUsers.parse(await context.req.json()))));
  routes.onError((error, context) => context.json({ error: error.message }, 400));
  return routes;
}

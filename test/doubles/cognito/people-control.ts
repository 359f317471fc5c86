import { Hono } from "hono";
import { z } from "zod";
import type { Pool } from "../pool/pool.ts";

/** What people do in a pool, and its owner about them, while the double runs as a process of its own. */

const change = z.strictObject({
  sub: z.string(),
  attributes: z.record(z.string(), z.string()).optional(),
  enabled: z.boolean().optional(),
});
/** Somebody like another one, with a sub and attributes of their own. */
const signUp = z.strictObject({ like: z.string(), attributes: z.record(z.string(), z.string()) });

export function peopleControl(pool: Pool): Hono {
  const routes = new Hono();
  const found = (sub: string) => {
    const user = pool.users.find((one) => one.sub === sub);
    if (user === undefined) throw new Error(`The pool has nobody with the sub ${sub}.`);
    return user;
  };
  routes.patch("/users", async (context) => {
    const { sub, attributes, enabled } = change.parse(await context.req.json());
    const user = found(sub);
    Object.assign(user.attributes, attributes);
    if (enabled !== undefined) user.enabled = enabled;
    return context.json({ sub });
  });
  routes.post("/users", async (context) => {
    const { like, attributes } = signUp.parse(await context.req.json());
    const { sub = "" } = attributes;
    pool.users.push({ ...structuredClone(found(like)), sub, username: sub, attributes });
    return context.json({ sub });
  });
  return routes;
}

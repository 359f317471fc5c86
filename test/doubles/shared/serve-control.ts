import { Hono } from "hono";
import { z } from "zod";
import { type Faults, faultSchema } from "./faults.ts";
import type { Journal } from "./journal.ts";
import type { DoubleEnv } from "./serve.ts";

export interface Controlled {
  journal: Journal;
  faults: Faults;
  /** Everything the double holds, for a test to look at. */
  state: () => unknown;
  /** Takes a partial set of options; throws for one it does not know. */
  setOptions: (options: unknown) => void;
}

/**
 * What steers a double from another process; mount at `/__double`, before `disturb`:
 * GET /journal?since=N, POST /faults (a list; `?replace=true` drops the earlier ones), DELETE /faults, GET /state,
 * POST /options.
 */
export function controlRoutes({ journal, faults, state, setOptions }: Controlled): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  routes.get("/journal", (context) => context.json(journal.since(Number(context.req.query("since") ?? 0))));
  routes.post("/faults", async (context) => {
    const list = z.array(faultSchema).parse(await context.req.json());
    if (context.req.query("replace") === "true") faults.replace(...list);
    else faults.add(...list);
    return context.json({ ok: true });
  });
  routes.delete("/faults", (context) => {
    faults.clear();
    return context.json({ ok: true });
  });
  routes.get("/state", (context) => context.json(state()));
  routes.post("/options", async (context) => {
    setOptions(await context.req.json());
    return context.json({ ok: true });
  });
  routes.onError((error, context) => context.json({ error: error.message }, 400));
  return routes;
}

import type { MiddlewareHandler } from "hono";
import type { DoubleEnv } from "../shared/serve.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { RateLimits } from "./rate-limits.ts";

/** Key first, then the rate limits, as WorkOS answers. */
export function gate(options: () => WorkosDoubleOptions): MiddlewareHandler<DoubleEnv> {
  const limits = new RateLimits();
  return async (context, next) => {
    const { key, forbidden } = options();
    if (context.req.header("authorization") !== `Bearer ${key}`)
      return context.json({ message: "Unauthorized" }, 401);
    if (forbidden) return context.json({ message: "Forbidden" }, 403);
    const retryAfterSeconds = limits.take(context.req.method, options());
    if (retryAfterSeconds === null) return next();
    context.header("retry-after", String(retryAfterSeconds));
    return context.json({ message: "Too many requests." }, 429);
  };
}

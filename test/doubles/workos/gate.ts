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

const OPERATIONS: readonly [method: string, path: RegExp, operation: string][] = [
  ["POST", /^\/user_management\/users$/, "createUser"],
  ["GET", /^\/user_management\/users$/, "listUsers"],
  ["GET", /^\/user_management\/users\/external_id\/[^/]+$/, "getUserByExternalId"],
  ["GET", /^\/user_management\/users\/[^/]+$/, "getUser"],
  ["PUT", /^\/user_management\/users\/[^/]+$/, "updateUser"],
  ["DELETE", /^\/user_management\/users\/[^/]+$/, "deleteUser"],
];

/** The name of a call in journal and faults. */
export function operationOf(method: string, path: string): string {
  const known = OPERATIONS.find((operation) => operation[0] === method && operation[1].test(path));
  return known?.[2] ?? "unknown";
}

import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError } from "./api-error.ts";
import type { Authenticating } from "./authenticate-routes.ts";
import { parse } from "./bodies.ts";
import { jsonOf } from "./requests.ts";

/** `TokenQueryDto`. */
const tokenBody = z.strictObject({
  client_id: z.string(),
  client_secret: z.string(),
  code: z.string(),
  grant_type: z.string(),
});

/**
 * The exchange of a sign-in's code; it asks for no bearer. Client and secret come first (RFC 6749, 5.2), and both have to
 * be of this environment. The double gives no codes out, so that every code is refused.
 */
export function ssoTokenRoutes({ clientId, options }: Pick<Authenticating, "clientId" | "options">) {
  const routes = new Hono<DoubleEnv>();
  routes.post("/sso/token", async (context) => {
    const { client_id, client_secret, grant_type } = parse(tokenBody, await jsonOf(context));
    context.set("key", client_id);
    if (client_id !== clientId || client_secret !== options().key)
      throw refused("invalid_client", "Invalid client ID or secret.");
    if (grant_type !== "authorization_code")
      throw refused("unsupported_grant_type", "The grant type is not supported.");
    throw refused("invalid_grant", "The code has expired or has already been used.");
  });
  return routes;
}

const refused = (error: string, error_description: string) => new ApiError(400, { error, error_description });

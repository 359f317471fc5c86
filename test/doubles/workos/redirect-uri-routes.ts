import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { conflict, invalidQuery, unprocessable } from "./api-error.ts";
import { pageFields, parse } from "./bodies.ts";
import { jsonOf, named, pageFor } from "./requests.ts";
import type { Stores } from "./stores.ts";
import { redirectUri } from "./urls.ts";

const REDIRECT_URIS = "/user_management/redirect_uris";

/** `CreateRedirectUriDto`. */
const createBody = z.strictObject({ uri: redirectUri });
const listQuery = z.strictObject(pageFields);

export function redirectUriRoutes({ redirectUris }: Stores): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();

  routes.post(REDIRECT_URIS, async (context) => {
    const { uri } = parse(createBody, await jsonOf(context), unprocessable);
    context.set("key", uri);
    if (redirectUris.holderOf(uri) !== null) throw unprocessable(`Redirect URI '${uri}' already exists.`);
    const isFirst = redirectUris.byId.size === 0;
    const created = redirectUris.create({
      object: "redirect_uri",
      ...redirectUris.stamp(),
      uri,
      default: isFirst,
    });
    return context.json(created, 201);
  });

  routes.get(REDIRECT_URIS, (context) =>
    context.json(pageFor(redirectUris.page(parse(listQuery, context.req.query(), invalidQuery)))),
  );

  routes.delete(`${REDIRECT_URIS}/:id`, (context) => {
    const found = named(context, redirectUris, "Redirect URI");
    if (found.default) throw conflict("The default redirect URI cannot be deleted.");
    redirectUris.remove(found);
    return context.body(null, 204);
  });

  return routes;
}

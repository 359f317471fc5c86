import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import type { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError } from "./api-error.ts";
import { type Asked, authKitQuery, ssoQuery } from "./authorize-queries.ts";
import { parse } from "./bodies.ts";
import { connectionPage } from "./connection-pages.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { providerPage } from "./providers.ts";
import type { Stores } from "./stores.ts";

/**
 * Where a sign-in begins; without a key, for a browser calls it. Error codes: WorkOS docs, "Get an authorization URL",
 * "Error codes".
 */
export interface Authorizing {
  stores: Stores;
  clientId: string;
  options: () => WorkosDoubleOptions;
}

/** The page to go on at, or the error to come back with. */
type Beginning = { kind: "page"; url: URL } | { kind: "refused"; error: string; description: string };

export function authorizeRoutes(given: Authorizing): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  routes.get("/user_management/authorize", (context) => begin(context, authKitQuery, given));
  routes.get("/sso/authorize", (context) => begin(context, ssoQuery, given));
  return routes;
}

function begin(context: Context<DoubleEnv>, schema: z.ZodType<Asked>, given: Authorizing): Response {
  const query = context.req.query();
  const { provider, connection, connection_id, organization, organization_id } = query;
  const selected = provider ?? connection ?? connection_id ?? organization ?? organization_id;
  if (selected !== undefined) context.set("key", selected);
  const { client_id, redirect_uri = "" } = query;
  if (client_id !== given.clientId) throw refusal("invalid_client", "There is no such client.");
  if (given.stores.redirectUris.holderOf(redirect_uri) === null)
    throw refusal("invalid_redirect_uri", "The redirect URI is not registered.");
  const { selector, state } = parse(schema, query, (message) => refusal("invalid_request", message));
  const beginning = beginningOf(selector, given);
  if (beginning.kind === "page") return context.redirect(beginning.url.href, 302);
  const back = new URL(redirect_uri);
  back.searchParams.set("error", beginning.error);
  back.searchParams.set("error_description", beginning.description);
  if (state !== undefined) back.searchParams.set("state", state);
  return context.redirect(back.href, 302);
}

function beginningOf(selector: Asked["selector"], given: Authorizing): Beginning {
  const { provider, connection, organization } = selector;
  const selectors = [provider, connection, organization].filter((value) => value !== undefined);
  if (selectors.length !== 1)
    return refused("invalid_connection_selector", "Give one of connection, organization and provider.");
  if (connection !== undefined) return atConnection(connection, given);
  if (organization !== undefined) return atOrganization(organization, given);
  return atProvider(provider ?? "", given);
}

function atProvider(provider: string, { stores, clientId }: Authorizing): Beginning {
  if (provider === "authkit") return { kind: "page", url: authKitPage(clientId) };
  const configured = [...stores.providers.values()].find((candidate) => candidate.provider === provider);
  if (configured === undefined)
    return refused("connection_invalid", `${provider} is not configured in the dashboard.`);
  if (configured.error !== undefined)
    return refused(configured.error, `${provider} refused what is configured in the dashboard.`);
  return { kind: "page", url: providerPage(configured, ownState()) };
}

function atOrganization(id: string, given: Authorizing): Beginning {
  const [connection, ...others] = given.stores.connections.inGroup(id);
  if (connection === undefined)
    return refused("organization_invalid", "No connection associated with organization");
  if (others.length > 0)
    return refused("ambiguous_connection_selector", "The organization has several connections.");
  return atConnection(connection.id, given);
}

function atConnection(id: string, { stores, options }: Authorizing): Beginning {
  const connection = stores.connections.byId.get(id);
  if (connection === undefined) return refused("connection_invalid", "There is no such connection.");
  if (connection.state === "draft" || connection.state === "inactive")
    return refused("connection_unlinked", "The connection is unlinked.");
  const url = connectionPage(connection, options(), ownState());
  if (url === null) return refused("server_error", "The identity provider's sign-in page is not known.");
  return { kind: "page", url };
}

/** WorkOS's own sign-in page, at a domain that belongs to the environment. */
function authKitPage(clientId: string): URL {
  const url = new URL("https://double.authkit.app/");
  url.searchParams.set("client_id", clientId);
  url.searchParams.set("authorization_session_id", ownState());
  return url;
}

const ownState = () => randomBytes(18).toString("base64url");

const refused = (error: string, description: string): Beginning => ({ kind: "refused", error, description });

const refusal = (error: string, description: string) =>
  new ApiError(400, { error, error_description: description });

import { type Context, Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { invalidQuery, notFound, unprocessable } from "./api-error.ts";
import {
  type ApplicationBody,
  applicationBody,
  applicationChanges,
  redirectUrisOf,
} from "./application-bodies.ts";
import type { WorkosApplication } from "./application-store.ts";
import { commaList, pageFields, parse } from "./bodies.ts";
import { createIds } from "./ids.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { removeApplication } from "./removals.ts";
import { jsonOf, pageFor, present, referred } from "./requests.ts";
import type { Stores } from "./stores.ts";

export const APPLICATIONS = "/connect/applications";

/** None registers itself here: asking for `dynamic` alone finds nothing. */
const listQuery = z.strictObject({
  ...pageFields,
  registration_types: commaList(z.enum(["dynamic", "authenticated"])).default(["authenticated"]),
  organization_id: z.string().optional(),
});

export function applicationRoutes(stores: Stores, options: () => WorkosDoubleOptions): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const { applications } = stores;
  const nextClientId = createIds("client");

  routes.post(APPLICATIONS, async (context) => {
    const body = parse(applicationBody, await jsonOf(context), unprocessable);
    context.set("key", body.description ?? body.name);
    const ownFields = body.application_type === "oauth" ? oauthFields(body) : {};
    const organizationId = ownerOf(body, stores);
    const application: WorkosApplication = {
      object: "connect_application",
      ...applications.stamp(),
      client_id: nextClientId(),
      name: body.name,
      description: body.description,
      scopes: body.scopes ?? [],
      application_type: body.application_type,
      ...ownFields,
      ...(organizationId === null ? {} : { organization_id: organizationId }),
    };
    return context.json(applications.create(application, options().lookupLagMs), 201);
  });

  routes.get(APPLICATIONS, (context) => {
    const parsed = parse(listQuery, context.req.query(), invalidQuery);
    const { registration_types, organization_id, ...query } = parsed;
    const keeps = (application: WorkosApplication) =>
      registration_types.includes("authenticated") &&
      (organization_id === undefined || application.organization_id === organization_id);
    return context.json(pageFor(applications.page(query, { keeps })));
  });

  routes.get(`${APPLICATIONS}/:id`, (context) => context.json(namedApplication(context, stores)));

  routes.put(`${APPLICATIONS}/:id`, async (context) => {
    const application = namedApplication(context, stores);
    const body = parse(applicationChanges, await jsonOf(context), unprocessable);
    const { redirect_uris, scopes, ...changes } = body;
    if (redirect_uris !== undefined && application.application_type === "m2m")
      throw unprocessable("redirect_uris are for OAuth applications only.");
    applications.change(application, {
      ...present(changes),
      ...(scopes === undefined ? {} : { scopes: scopes ?? [] }),
      ...(redirect_uris === undefined ? {} : { redirect_uris: redirectUrisOf(redirect_uris) }),
    });
    return context.json(application);
  });

  routes.delete(`${APPLICATIONS}/:id`, (context) => {
    removeApplication(stores, namedApplication(context, stores));
    return context.body(null, 204);
  });

  return routes;
}

/** By id or client id; journaled by its description, which is what a test knows it by. */
export function namedApplication(context: Context<DoubleEnv>, { applications }: Stores): WorkosApplication {
  const id = context.req.param("id") ?? "";
  context.set("key", id);
  const application = applications.byId.get(id) ?? applications.holderOf(id);
  if (application === null) throw notFound(`Application '${id}'`);
  context.set("key", applications.nameOf(application));
  return application;
}

type OAuthFields = "redirect_uris" | "uses_pkce" | "is_first_party" | "was_dynamically_registered";

function oauthFields(
  body: Extract<ApplicationBody, { application_type: "oauth" }>,
): Pick<WorkosApplication, OAuthFields> {
  return {
    redirect_uris: redirectUrisOf(body.redirect_uris),
    uses_pkce: body.uses_pkce ?? false,
    is_first_party: body.is_first_party,
    ...(body.is_first_party ? {} : { was_dynamically_registered: false }),
  };
}

/** Null for a first party, which belongs to the environment. */
function ownerOf(body: ApplicationBody, { organizations }: Stores): string | null {
  const id = body.organization_id ?? null;
  if (body.application_type === "oauth" && body.is_first_party) {
    if (id !== null) throw unprocessable("A first-party application belongs to no organization.");
    return null;
  }
  if (id === null) throw unprocessable("A third-party application needs an organization_id.");
  return referred(organizations.byId.get(id), `Organization '${id}'`).id;
}

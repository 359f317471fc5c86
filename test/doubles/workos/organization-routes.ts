import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { codedError, conflict, invalidQuery, unprocessable } from "./api-error.ts";
import { checkMetadata, commaList, externalId, pageFields, parse } from "./bodies.ts";
import { createIds } from "./ids.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import type { OrganizationDomain, WorkosOrganization } from "./organization-store.ts";
import { removeOrganization } from "./removals.ts";
import { jsonOf, named, pageFor, referred } from "./requests.ts";
import type { Stores } from "./stores.ts";

const ORGANIZATIONS = "/organizations";
const DOMAIN = /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i;

/** `OrganizationDto`, without the deprecated `domains`. */
const createBody = z.strictObject({
  name: z.string().regex(/\S/, "name must not be empty").max(255),
  allow_profiles_outside_organization: z.boolean().default(false),
  domain_data: z
    .array(z.strictObject({ domain: z.string().regex(DOMAIN), state: z.enum(["pending", "verified"]) }))
    .default([]),
  metadata: z.record(z.string(), z.string()).nullish(),
  external_id: externalId.default(null),
});

const listQuery = z.strictObject({
  ...pageFields,
  domains: commaList(z.string()).optional(),
  search: z.string().optional(),
});

export function organizationRoutes(stores: Stores, options: () => WorkosDoubleOptions): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  const { organizations } = stores;
  const nextDomainId = createIds("org_domain");

  routes.post(ORGANIZATIONS, async (context) => {
    const { domain_data, metadata, ...body } = parse(createBody, await jsonOf(context), unprocessable);
    context.set("key", body.external_id ?? body.name);
    checkMetadata(metadata ?? {});
    if (organizations.holderOf(body.external_id ?? "") !== null)
      throw codedError(400, "external_id_already_used", "This external id is already used.");
    const verified = domain_data.filter(({ state }) => state === "verified");
    for (const { domain } of verified) checkUnclaimed(domain, organizations.all());
    const stamp = organizations.stamp();
    const domains = domain_data.map(
      ({ domain, state }): OrganizationDomain => ({
        object: "organization_domain",
        ...stamp,
        id: nextDomainId(),
        organization_id: stamp.id,
        domain: domain.toLowerCase(),
        state,
      }),
    );
    const organization: WorkosOrganization = {
      object: "organization",
      ...stamp,
      ...body,
      domains,
      metadata: metadata ?? {},
    };
    return context.json(organizations.create(organization, options().lookupLagMs), 201);
  });

  routes.get(ORGANIZATIONS, (context) => {
    const { domains, search, ...query } = parse(listQuery, context.req.query(), invalidQuery);
    const keeps = (organization: WorkosOrganization) =>
      (domains === undefined || organization.domains.some(({ domain }) => domains.includes(domain))) &&
      organization.name.toLowerCase().includes((search ?? "").toLowerCase());
    return context.json(pageFor(organizations.page(query, { keeps })));
  });

  routes.get(`${ORGANIZATIONS}/external_id/:externalId`, (context) => {
    const wanted = context.req.param("externalId");
    context.set("key", wanted);
    return context.json(referred(organizations.find(wanted), `Organization '${wanted}'`));
  });

  routes.get(`${ORGANIZATIONS}/:id`, (context) =>
    context.json(named(context, organizations, "Organization")),
  );

  routes.delete(`${ORGANIZATIONS}/:id`, (context) => {
    removeOrganization(stores, named(context, organizations, "Organization"));
    return context.body(null, 202);
  });

  return routes;
}

/** A verified domain rules over its users, so that it can belong to one organization alone. */
function checkUnclaimed(domain: string, organizations: readonly WorkosOrganization[]): void {
  const wanted = domain.toLowerCase();
  const isClaimed = organizations.some(({ domains }) =>
    domains.some((other) => other.domain === wanted && other.state === "verified"),
  );
  if (isClaimed) throw conflict(`The domain '${wanted}' belongs to another organization.`);
}

import type { ConnectionBody } from "./connection-bodies.ts";
import { ListedStore, type Stamp } from "./listed-store.ts";

export const CONNECTION_STATES = ["draft", "validating", "active", "inactive"] as const;

/** OpenAPI 0.61, `Connection`, and what it was set up with, of which no answer tells. */
export interface WorkosConnection extends Stamp {
  object: "connection";
  organization_id: string;
  connection_type: string;
  name: string;
  state: (typeof CONNECTION_STATES)[number];
  domains: { object: "connection_domain"; id: string; domain: string }[];
  /** Unique in the organization. */
  external_id: string | null;
  oidc_options: ConnectionBody["oidc_options"] | null;
  saml_options: ConnectionBody["saml_options"] | null;
  attribute_maps: ConnectionBody["attribute_maps"] | null;
}

type ConnectionStore = ListedStore<WorkosConnection>;

export const connectionKey = (organizationId: string, externalId: string) =>
  `${organizationId} ${externalId}`;

/** Grouped by the organization's id. */
export function createConnectionStore(): ConnectionStore {
  return new ListedStore<WorkosConnection>({
    idPrefix: "conn",
    keyOf: ({ organization_id, external_id }) =>
      external_id === null ? null : connectionKey(organization_id, external_id),
    nameOf: ({ external_id }) => external_id,
    groupsOf: ({ organization_id }) => [organization_id],
  });
}

/** Of the API it is `validating` until somebody signs in. */
export function connectionFrom(
  body: ConnectionBody,
  connections: ConnectionStore,
  state: WorkosConnection["state"],
): WorkosConnection {
  return {
    object: "connection",
    ...connections.stamp(),
    organization_id: body.organization_id,
    connection_type: body.connection_type ?? inferredType(body),
    name: body.name,
    state,
    domains: [],
    external_id: body.external_id ?? null,
    oidc_options: body.oidc_options ?? null,
    saml_options: body.saml_options ?? null,
    attribute_maps: body.attribute_maps ?? null,
  };
}

function inferredType({ oidc_options, saml_options }: ConnectionBody): string {
  if (oidc_options !== undefined) return "GenericOIDC";
  return saml_options === undefined ? "Pending" : "GenericSAML";
}

import { ListedStore, type Stamp } from "./listed-store.ts";

/** OpenAPI 0.61, `Organization`. */
export interface WorkosOrganization extends Stamp {
  object: "organization";
  name: string;
  domains: OrganizationDomain[];
  metadata: Record<string, string>;
  external_id: string | null;
  allow_profiles_outside_organization: boolean;
}

export interface OrganizationDomain extends Stamp {
  object: "organization_domain";
  organization_id: string;
  domain: string;
  state: "pending" | "verified";
}

export function createOrganizationStore(): ListedStore<WorkosOrganization> {
  return new ListedStore({ idPrefix: "org", keyOf: (organization) => organization.external_id });
}

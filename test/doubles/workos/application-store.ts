import { ListedStore, type Stamp } from "./listed-store.ts";

/** OpenAPI 0.61, `ConnectApplication`; nothing but ids is unique about it. */
export interface WorkosApplication extends Stamp {
  object: "connect_application";
  client_id: string;
  name: string;
  description: string | null;
  scopes: string[];
  application_type: "oauth" | "m2m";
  /** The next three of `oauth` only. */
  redirect_uris?: ApplicationRedirectUri[];
  uses_pkce?: boolean;
  is_first_party?: boolean;
  /** The next of third parties only. */
  was_dynamically_registered?: false;
  /** Of third parties and `m2m` only. */
  organization_id?: string;
}

export interface ApplicationRedirectUri {
  uri: string;
  default: boolean;
}

/** OpenAPI 0.61, `NewConnectApplicationSecret`, and what becomes of it; never removed, for tests to look at. */
export interface WorkosClientSecret extends Stamp {
  object: "connect_application_secret";
  secret: string;
  /** The last 4 characters. */
  secret_hint: string;
  last_used_at: string | null;
  /** Its application's `id`. */
  application_id: string;
  deleted_at: string | null;
}

export function createApplicationStore(): ListedStore<WorkosApplication> {
  return new ListedStore<WorkosApplication>({
    idPrefix: "conn_app",
    keyOf: ({ client_id }) => client_id,
    countedBy: ({ description }) => description,
  });
}

/** Grouped by application. */
export function createClientSecretStore(): ListedStore<WorkosClientSecret> {
  return new ListedStore<WorkosClientSecret>({
    idPrefix: "secret",
    keyOf: () => null,
    groupsOf: ({ application_id }) => [application_id],
  });
}

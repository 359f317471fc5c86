import type { WorkOS } from "@workos-inc/node";
import type { ApplicationRecord, ApplicationSecret, ConnectionRecord } from "../credentials.ts";
import { type Called, called, nullIfAbsent, removed } from "./called.ts";
import { toConnectionBody } from "./connection-body.ts";
import {
  type FoundApplication,
  type FoundRedirectUri,
  toApplication,
  toApplicationOptions,
  toMadeRaw,
  toNewSecret,
  toRedirectUris,
  toSecret,
} from "./credentials-mapping.ts";
import { type Page, pageQuery } from "./pages.ts";
import type { Made } from "./settle.ts";

const REDIRECT_URIS = "/user_management/redirect_uris";

/** One HTTP call each; never rejects. */
export interface CredentialsCalls {
  createConnection(record: ConnectionRecord): Promise<Called<Made>>;
  /** Ids of an organization's connections. */
  connections(organizationId: string, cursor: string | null): Promise<Called<Page<string>>>;
  portalLink(organizationId: string): Promise<Called<string>>;
  createRedirectUri(uri: string): Promise<Called<Made>>;
  redirectUris(cursor: string | null): Promise<Called<Page<FoundRedirectUri>>>;
  createApplication(record: ApplicationRecord): Promise<Called<Made>>;
  applications(cursor: string | null): Promise<Called<Page<FoundApplication>>>;
  application(id: string): Promise<Called<FoundApplication | null>>;
  removeApplication(id: string): Promise<Called<null>>;
  secrets(applicationId: string): Promise<Called<ApplicationSecret[]>>;
  /** The secret in plain: for whoever wraps it at once. */
  createSecret(applicationId: string): Promise<Called<{ id: string; secret: string }>>;
  removeSecret(secretId: string): Promise<Called<null>>;
}

export function createCredentialsCalls(client: WorkOS): CredentialsCalls {
  return { ...signInCalls(client), ...applicationCalls(client) };
}

function signInCalls(client: WorkOS) {
  return {
    createConnection: (record: ConnectionRecord) =>
      called(async () => {
        const { data } = await client.post<unknown>("/connections", toConnectionBody(record));
        return toMadeRaw(data);
      }),
    connections: (organizationId: string, cursor: string | null) =>
      called(async () => {
        const query = { organizationId, ...pageQuery(cursor) };
        const { data, listMetadata } = await client.sso.listConnections(query);
        return { items: data.map(({ id }) => id), nextCursor: listMetadata.after ?? null };
      }),
    portalLink: (organization: string) =>
      called(async () => {
        const { link } = await client.adminPortal.generateLink({ organization, intent: "sso" });
        return new URL(link).href;
      }),
    createRedirectUri: (uri: string) =>
      called(async () => toMadeRaw((await client.post<unknown>(REDIRECT_URIS, { uri })).data)),
    redirectUris: (cursor: string | null) =>
      called(async () =>
        toRedirectUris((await client.get<unknown>(REDIRECT_URIS, { query: pageQuery(cursor) })).data),
      ),
  };
}

function applicationCalls({ connect }: WorkOS) {
  return {
    createApplication: (record: ApplicationRecord) =>
      called(async () => toApplication(await connect.createApplication(toApplicationOptions(record)))),
    applications: (cursor: string | null) =>
      called(async () => {
        const { data, listMetadata } = await connect.listApplications(pageQuery(cursor));
        return { items: data.map(toApplication), nextCursor: listMetadata.after ?? null };
      }),
    application: async (id: string) =>
      nullIfAbsent(await called(async () => toApplication(await connect.getApplication({ id })))),
    removeApplication: (id: string) => removed(() => connect.deleteApplication({ id })),
    secrets: (id: string) =>
      called(async () => (await connect.listApplicationClientSecrets({ id })).map(toSecret)),
    createSecret: (id: string) =>
      called(async () => toNewSecret(await connect.createApplicationClientSecret({ id }))),
    removeSecret: (id: string) => removed(() => connect.deleteClientSecret({ id })),
  };
}

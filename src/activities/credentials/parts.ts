import type { KnownClient, KnownProvider, PoolConfiguration } from "../../cognito/configuration.ts";
import type { OrganizationRecord } from "../../destinations/structure.ts";
import type { Entity } from "../../ledger/entities.ts";
import type { Migration } from "../../migration.ts";
import { organizationRecord } from "../../plan/organizations.ts";
import { organizationKey } from "../structure/structure-work.ts";
import { clientFate, type KnowsCounterparts, neededOrganizations, providerFate } from "./placement.ts";

/** What the phase makes by API. What needs a secret names only where it comes from. */
export type CredentialsPart =
  | { kind: "organization"; data: OrganizationRecord }
  | { kind: "connection"; data: { provider: string; organization: string } }
  | { kind: "redirect_uri"; data: { uri: string } }
  | { kind: "application"; data: ApplicationPart };

export interface ApplicationPart {
  clientId: string;
  name: string;
  scopes: readonly string[];
  redirectUris: readonly string[];
  defaultRedirectUri: string | null;
  isConfidential: boolean;
  /** The key of the organization that a machine's application belongs to; null for one that signs people in. */
  organization: string | null;
}

/** Gives access to Cognito's own API of the signed-in user: means nothing anywhere else. */
const COGNITO_ONLY_SCOPE = "aws.cognito.signin.user.admin";

/** All that is to be made, each after what it needs. Pure. */
export function credentialsParts(
  file: Migration,
  configuration: Pick<PoolConfiguration, "providers" | "clients">,
  destination: KnowsCounterparts,
): Entity[] {
  const { providers, clients } = configuration;
  const applications = clients.flatMap((client) => applicationPart(file, client));
  const uris = new Set(applications.flatMap(({ redirectUris }) => redirectUris));
  const parts: [key: string, part: CredentialsPart][] = [
    ...neededOrganizations(file, configuration, destination).map((key): [string, CredentialsPart] => [
      organizationKey(key),
      { kind: "organization", data: organizationRecord(file.organizations, key) },
    ]),
    ...providers.flatMap((provider) => connectionPart(file, provider, destination)),
    ...[...uris].map((uri): [string, CredentialsPart] => [
      `redirect_uri:${uri}`,
      { kind: "redirect_uri", data: { uri } },
    ]),
    ...applications.map((data): [string, CredentialsPart] => [
      `application:${data.clientId}`,
      { kind: "application", data },
    ]),
  ];
  return parts.map(([key, part]) => ({ key, ...part }));
}

export function connectionKey(provider: string): string {
  return `connection:${provider}`;
}

function connectionPart(
  file: Migration,
  provider: KnownProvider,
  destination: KnowsCounterparts,
): [string, CredentialsPart][] {
  const fate = providerFate(file, provider, destination);
  if (fate.kind !== "connection") return [];
  const { name } = provider;
  return [
    [connectionKey(name), { kind: "connection", data: { provider: name, organization: fate.organization } }],
  ];
}

function applicationPart(file: Migration, client: KnownClient): ApplicationPart[] {
  const fate = clientFate(file, client);
  if (fate.kind !== "application" && fate.kind !== "machine") return [];
  const isMachine = fate.kind === "machine";
  return [
    {
      clientId: client.id,
      name: client.name,
      scopes: client.scopes.filter((scope) => scope !== COGNITO_ONLY_SCOPE),
      redirectUris: isMachine ? [] : client.callbackUrls,
      defaultRedirectUri: isMachine ? null : client.defaultRedirectUri,
      isConfidential: isMachine || client.isConfidential,
      organization: isMachine ? fate.organization : null,
    },
  ];
}

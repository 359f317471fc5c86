import type { KnowsCounterparts } from "../domain/counterparts.ts";
import type { Migration } from "../domain/migration.ts";
import type { KnownClient, KnownProvider, PoolConfiguration } from "../domain/pool.ts";
import type { OrganizationRecord, PlannedObject } from "../domain/records.ts";
import { organizationRecord } from "./organizations.ts";
import { clientFate, neededOrganizations, providerFate } from "./placement.ts";

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
): PlannedObject[] {
  const { providers, clients } = configuration;
  const applications = clients.flatMap((client) => applicationPart(file, client, destination));
  const uris = new Set(applications.flatMap(({ redirectUris }) => redirectUris));
  return [
    ...neededOrganizations(file, configuration, destination).map((key) =>
      planned(key, { kind: "organization", data: organizationRecord(file.organizations, key) }),
    ),
    ...providers.flatMap((provider) => connectionPart(file, provider, destination)),
    ...[...uris].map((uri) => planned(uri, { kind: "redirect_uri", data: { uri } })),
    ...applications.map((data) => planned(data.clientId, { kind: "application", data })),
  ];
}

function planned(key: string, { kind, data }: CredentialsPart): PlannedObject {
  return { kind, key, data: { ...data } };
}

function connectionPart(
  file: Migration,
  provider: KnownProvider,
  destination: KnowsCounterparts,
): PlannedObject[] {
  const fate = providerFate(file, provider, destination);
  if (fate.kind !== "connection") return [];
  const { name } = provider;
  const { organization } = fate;
  return [planned(name, { kind: "connection", data: { provider: name, organization } })];
}

function applicationPart(
  file: Migration,
  client: KnownClient,
  destination: KnowsCounterparts,
): ApplicationPart[] {
  const fate = clientFate(file, client, destination);
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

import type { KnownClient, KnownProvider, PoolConfiguration } from "../../cognito/configuration.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { Migration } from "../../migration.ts";
import { organizationRecord } from "../../plan/organizations.ts";
import { clientFate, neededOrganizations, providerFate } from "../credentials/placement.ts";
import type { Draft } from "./rule-findings.ts";

/** What stands in the way of moving providers and app clients. */
export function credentialFindings(
  file: Migration,
  configuration: PoolConfiguration,
  destination: Destination,
): Draft[] {
  return [
    ...strangers(file, configuration),
    ...configuration.providers.flatMap((provider) => providerFindings(file, provider, destination)),
    ...configuration.clients.flatMap((client) => clientFindings(file, client)),
    ...organizationFindings(file, configuration, destination),
  ];
}

function strangers(file: Migration, { providers, clients }: PoolConfiguration): Draft[] {
  const unknown = (names: string[], known: readonly string[], what: string, key: string): Draft[] =>
    names
      .filter((name) => !known.includes(name))
      .map((name) => ({
        severity: "blocker",
        code: `${key}_unknown`,
        subject: name,
        sentence: `The pool has no ${what} "${name}", which "${key}s" names; mend the migration file and start again.`,
      }));
  return [
    ...unknown(
      Object.keys(file.providers),
      providers.map(({ name }) => name),
      "identity provider",
      "provider",
    ),
    ...unknown(
      Object.keys(file.clients),
      clients.map(({ id }) => id),
      "app client with the id",
      "client",
    ),
  ];
}

function providerFindings(file: Migration, provider: KnownProvider, destination: Destination): Draft[] {
  const { name, type } = provider;
  const fate = providerFate(file, provider, destination.credentials);
  if (fate.kind === "none")
    return [
      {
        severity: "warning",
        code: "provider_without_counterpart",
        subject: name,
        sentence: `The destination has no counterpart for the provider "${name}" (${type}): ${fate.instead}`,
      },
    ];
  if (fate.kind !== "organization_missing") return [];
  return [
    {
      severity: "blocker",
      code: "provider_without_organization",
      subject: name,
      sentence: `The provider "${name}" (${type}) becomes a connection of one organization; name it in the file, for example "providers": {"${name}": {"organization": "acme"}}, or leave the provider behind with {"skip": "why"}, and start again.`,
    },
  ];
}

function clientFindings(file: Migration, client: KnownClient): Draft[] {
  const { id, name } = client;
  const fate = clientFate(file, client);
  const drafts: Draft[] = [];
  if (fate.kind === "organization_missing")
    drafts.push({
      severity: "blocker",
      code: "client_without_organization",
      subject: id,
      sentence: `The app client "${name}" gets tokens for itself (client_credentials): at the destination it belongs to an organization. Name it in the file, for example "clients": {"${id}": {"organization": "acme"}}, or leave the client behind with {"skip": "why"}, and start again.`,
    });
  if (fate.kind === "application" && client.flows.includes("implicit"))
    drafts.push({
      severity: "warning",
      code: "implicit_flow",
      subject: id,
      sentence: `The app client "${name}" may use the implicit flow, which the destination does not have: its application has to change to the code flow with PKCE.`,
    });
  return drafts;
}

/** Organizations that providers and clients need are made before the plan looks at any. */
function organizationFindings(
  file: Migration,
  configuration: PoolConfiguration,
  destination: Destination,
): Draft[] {
  return neededOrganizations(file, configuration, destination.credentials).flatMap((key) =>
    destination.structure.organizationProblems(organizationRecord(file.organizations, key)).map(
      (problem): Draft => ({
        severity: "blocker",
        code: "organization_refused",
        subject: key,
        sentence: `The destination would refuse the organization "${key}", which a provider or an app client belongs to: ${problem}; name it otherwise in "organizations.named" and start again.`,
      }),
    ),
  );
}

import type { KnowsCounterparts } from "../../domain/counterparts.ts";
import { type Draft, finding } from "../../domain/findings.ts";
import type { Migration } from "../../domain/migration.ts";
import type { KnownClient, KnownProvider, PoolConfiguration } from "../../domain/pool.ts";
import type { KnowsStructure } from "../../domain/records.ts";
import { clientFate, providerFate } from "../placement.ts";
import { unknownNames } from "./names.ts";

/** What stands in the way of moving providers and app clients. */
export function credentialFindings(
  file: Migration,
  { providers, clients }: PoolConfiguration,
  destination: KnowsStructure & KnowsCounterparts,
): Draft[] {
  const providerNames = providers.map(({ name }) => name);
  const clientIds = clients.map(({ id }) => id);
  return [
    ...unknownNames(Object.keys(file.providers), providerNames).map(({ name, instead }) =>
      finding("provider_unknown", { provider: name, instead }),
    ),
    ...unknownNames(Object.keys(file.clients), clientIds).map(({ name, instead }) =>
      finding("client_unknown", { client: name, instead }),
    ),
    ...providers.flatMap((provider) => providerFindings(file, provider, destination)),
    ...clients.flatMap((client) => clientFindings(file, client, destination)),
  ];
}

function providerFindings(
  file: Migration,
  provider: KnownProvider,
  destination: KnowsStructure & KnowsCounterparts,
): Draft[] {
  const { name, type } = provider;
  const fate = providerFate(file, provider, destination);
  if (fate.kind === "none")
    return [finding("provider_without_counterpart", { provider: name, type, instead: fate.instead })];
  if (fate.kind !== "organization_missing") return [];
  return [finding("provider_without_organization", { provider: name, type })];
}

function clientFindings(file: Migration, client: KnownClient, destination: KnowsCounterparts): Draft[] {
  const { id, name } = client;
  const fate = clientFate(file, client, destination);
  if (fate.kind === "not_taken") return [finding("client_without_counterpart", { client: id, name })];
  if (fate.kind === "organization_missing")
    return [finding("client_without_organization", { client: id, name })];
  if (fate.kind !== "application" || !client.flows.includes("implicit")) return [];
  return [finding("implicit_flow", { client: id, name })];
}

import type { Counterpart, KnowsCounterparts } from "../domain/counterparts.ts";
import type { Migration } from "../domain/migration.ts";
import { ownValue } from "../domain/own-value.ts";
import type { KnownClient, KnownProvider, PoolConfiguration } from "../domain/pool.ts";

/** What becomes of an identity provider, by the file and by what the destination knows. */
export type ProviderFate =
  | Extract<Counterpart, { kind: "dashboard" | "none" }>
  | { kind: "connection"; organization: string }
  | { kind: "organization_missing" }
  | { kind: "left_behind"; reason: string };

export function providerFate(
  file: Migration,
  provider: KnownProvider,
  destination: KnowsCounterparts,
): ProviderFate {
  const placed = ownValue(file.providers, provider.name);
  if (placed !== undefined && "skip" in placed) return { kind: "left_behind", reason: placed.skip };
  const counterpart = destination.counterpartOf(provider);
  if (counterpart.kind === "none") return counterpart;
  // Whoever names an organization for an OIDC provider wants a connection of its own there.
  const isConnection =
    counterpart.kind === "connection" || (placed !== undefined && provider.type === "OIDC");
  if (!isConnection) return counterpart;
  const organization = placedIn(file, placed);
  return organization === null ? { kind: "organization_missing" } : { kind: "connection", organization };
}

/** What becomes of an app client. */
export type ClientFate =
  /** Signs people in over OAuth. */
  | { kind: "application" }
  /** Gets tokens for itself. */
  | { kind: "machine"; organization: string }
  | { kind: "organization_missing" }
  /** Never used OAuth: the application signs people in with the destination's own SDK. */
  | { kind: "not_needed" }
  /** The destination takes no applications. */
  | { kind: "not_taken" }
  | { kind: "left_behind"; reason: string };

export function clientFate(
  file: Migration,
  { id, flows }: KnownClient,
  { facts }: Pick<KnowsCounterparts, "facts">,
): ClientFate {
  const placed = ownValue(file.clients, id);
  if (placed !== undefined && "skip" in placed) return { kind: "left_behind", reason: placed.skip };
  const signsIn = flows.includes("code") || flows.includes("implicit");
  if (!signsIn && !flows.includes("client_credentials")) return { kind: "not_needed" };
  if (!facts.takes.applications) return { kind: "not_taken" };
  if (signsIn) return { kind: "application" };
  const organization = placedIn(file, placed);
  return organization === null ? { kind: "organization_missing" } : { kind: "machine", organization };
}

/** Whether the client's application gets a secret, which is shown once. */
export function needsSecret(
  file: Migration,
  client: KnownClient,
  destination: Pick<KnowsCounterparts, "facts">,
): boolean {
  const { kind } = clientFate(file, client, destination);
  return kind === "machine" || (kind === "application" && client.isConfidential);
}

/** Where everyone belongs to one organization, so does whatever the file does not place. */
function placedIn(file: Migration, placed: Migration["providers"][string] | undefined): string | null {
  if (placed !== undefined && "organization" in placed) return placed.organization;
  return file.organizations.from === "fixed" ? file.organizations.organization : null;
}

/** Keys of the organizations that providers and clients need, before anybody moves. */
export function neededOrganizations(
  file: Migration,
  { providers, clients }: Pick<PoolConfiguration, "providers" | "clients">,
  destination: KnowsCounterparts,
): string[] {
  const fates = [
    ...providers.map((provider) => providerFate(file, provider, destination)),
    ...clients.map((client) => clientFate(file, client, destination)),
  ];
  return [...new Set(fates.flatMap((fate) => ("organization" in fate ? [fate.organization] : [])))];
}

/** What SAML providers know Cognito as (Cognito, "Configuring your third-party SAML identity provider"). */
export function spEntityId({ samlEntityId, source }: Migration): string | null {
  return samlEntityId === "keep" ? `urn:amazon:cognito:sp:${source.userPoolId}` : null;
}

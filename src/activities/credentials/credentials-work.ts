import type { SamlProvider } from "../../cognito/configuration.ts";
import type { UserSource } from "../../cognito/source.ts";
import type { ApplicationRecord, OidcProtocol, SamlProtocol } from "../../destinations/credentials.ts";
import type { Destination } from "../../destinations/destination.ts";
import type { Attempt } from "../../destinations/sending.ts";
import { keepApplication } from "../../ledger/applications.ts";
import { destinationIds, type StoredEntity } from "../../ledger/entities.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import type { Migration } from "../../migration.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";
import { askOne } from "../ask-one.ts";
import { entityPayloads } from "../batch/entity-payloads.ts";
import type { Outcome, Work } from "../batch/work.ts";
import type { SourceTools } from "../source-calls.ts";
import { organizationKey } from "../structure/structure-work.ts";
import { outcomeOf, secureSecret } from "./application-secret.ts";
import type { ApplicationPart, CredentialsPart } from "./parts.ts";

/** Lists of applications may be long, and each page is a call. */
const MAX_CALLS = 100;

export interface CredentialsDeps {
  ledger: Ledger;
  destination: Destination;
  source: UserSource;
  sourceTools: SourceTools;
  secrets: SecretStore;
  migrationId: number;
  file: Migration;
}

/** Written with the kind that says what it is. */
function toPart({ kind, data }: StoredEntity): CredentialsPart {
  return { kind, data: JSON.parse(data) } as CredentialsPart;
}

interface CredentialsScene extends CredentialsDeps {
  /** Organizations made by this attempt, by key: the ledger hears of them a moment later. */
  organizations: Map<string, string>;
}

/** Organizations, connections, redirect URIs and applications: one at a time, each after what it needs. */
export function credentialsWork(deps: CredentialsDeps): Work<CredentialsPart> {
  const { ledger, destination, migrationId } = deps;
  const scene: CredentialsScene = { ...deps, organizations: new Map() };
  return {
    concurrency: 1,
    maxCallsPerItem: MAX_CALLS,
    prepare: (items) => entityPayloads(ledger, migrationId, "credentials", items, toPart),
    async send({ sub, payload }, attempt) {
      switch (payload.kind) {
        case "organization": {
          const outcome = await destination.structure.organization(payload.data, attempt);
          if ("destinationId" in outcome) scene.organizations.set(sub, outcome.destinationId);
          return outcome;
        }
        case "redirect_uri":
          return destination.credentials.redirectUri(payload.data.uri, attempt);
        case "connection":
          return sendConnection(scene, payload.data, attempt);
        case "application":
          return sendApplication(scene, payload.data, attempt);
      }
    },
  };
}

const ORGANIZATION_MISSING: Outcome = {
  kind: "rejected",
  code: "organization_missing",
  message: "The organization that it belongs to could not be made.",
};

async function organizationId(
  { ledger, migrationId, organizations }: CredentialsScene,
  key: string,
): Promise<string | null> {
  const item = organizationKey(key);
  const madeNow = organizations.get(item);
  if (madeNow !== undefined) return madeNow;
  const found = await ledger.read((db) => destinationIds(db, migrationId, ["credentials"], [item]));
  return found.get(item) ?? null;
}

/** Cognito is asked for the secret here, and it goes from its answer into the call. */
async function sendConnection(
  deps: CredentialsScene,
  { provider: name, organization }: { provider: string; organization: string },
  attempt: Attempt,
): Promise<Outcome> {
  const { source, sourceTools, destination, file } = deps;
  const inOrganization = await organizationId(deps, organization);
  if (inOrganization === null) return ORGANIZATION_MISSING;
  const provider = await askOne(sourceTools, "DescribeIdentityProvider", () =>
    source.describeIdentityProvider(name),
  );
  const { clientId, clientSecret, issuer, saml } = provider;
  let protocol: OidcProtocol | SamlProtocol;
  if (saml !== null) protocol = samlProtocol(file, saml, provider.attributeMapping);
  else if (clientId !== null && clientSecret !== null && issuer !== null)
    protocol = { kind: "oidc", issuer, clientId, clientSecret };
  else return { kind: "skipped", reason: "no_api" };
  const record = { externalId: `${file.source.userPoolId}/${name}`, name, organizationId: inOrganization };
  const outcome = await destination.credentials.connection({ ...record, protocol }, attempt);
  return outcome.kind === "no_api" ? { kind: "skipped", reason: "no_api" } : outcome;
}

function samlProtocol(
  file: Migration,
  saml: SamlProvider,
  { email, given_name, family_name }: Readonly<Record<string, string>>,
): SamlProtocol {
  const { metadataUrl, ssoUrl, entityId, signingCertificates } = saml;
  return {
    kind: "saml",
    metadataUrl,
    manual: ssoUrl === null || entityId === null ? null : { entityId, ssoUrl, signingCertificates },
    spEntityId: spEntityId(file),
    claims: {
      ...(email !== undefined && { email }),
      ...(given_name !== undefined && { firstName: given_name }),
      ...(family_name !== undefined && { lastName: family_name }),
    },
  };
}

/** What SAML providers know Cognito as (Cognito, "Configuring your third-party SAML identity provider"). */
export function spEntityId({ samlEntityId, source }: Migration): string | null {
  return samlEntityId === "keep" ? `urn:amazon:cognito:sp:${source.userPoolId}` : null;
}

/** The application counts as made when its secret is in the store, and the ledger knows its client id. */
async function sendApplication(
  deps: CredentialsScene,
  part: ApplicationPart,
  attempt: Attempt,
): Promise<Outcome> {
  const { destination, ledger, migrationId, file, secrets } = deps;
  const record = await applicationRecord(deps, part);
  if (record === null) return ORGANIZATION_MISSING;
  const outcome = await destination.credentials.application(record, attempt);
  if (outcome.kind !== "created" && outcome.kind !== "already_there") return outcome;
  await attempt.waitForSlot(destination.readKinds);
  const found = await destination.credentials.getApplication(outcome.destinationId);
  if (!found.ok) return outcomeOf(found);
  if (found.value === null) return notVisible();
  const { id, clientId } = found.value;
  let secretId: string | null = null;
  if (part.isConfidential) {
    const storeName = `${file.source.userPoolId}/${part.clientId}`;
    const secured = await secureSecret(
      destination,
      secrets,
      { storeName, applicationId: id, clientId },
      attempt,
    );
    if (secured.kind !== "secured") return secured;
    secretId = secured.secretId;
  }
  await ledger.write((tx) =>
    keepApplication(tx, migrationId, {
      clientId: part.clientId,
      destinationClientId: clientId,
      secretId,
    }),
  );
  return outcome;
}

async function applicationRecord(
  deps: CredentialsScene,
  part: ApplicationPart,
): Promise<ApplicationRecord | null> {
  const { clientId, name, scopes, redirectUris, defaultRedirectUri, isConfidential, organization } = part;
  const common = { key: `cognito:${clientId}`, name, scopes };
  if (organization === null)
    return { ...common, kind: "oauth", redirectUris, defaultRedirectUri, usesPkce: !isConfidential };
  const inOrganization = await organizationId(deps, organization);
  return inOrganization === null ? null : { ...common, kind: "m2m", organizationId: inOrganization };
}

function notVisible(): Outcome {
  return {
    kind: "unknown",
    code: "exists_but_not_visible",
    message: "The application was made, and no look-up shows it.",
    retryAfterMs: 1_000,
  };
}

import type { UserSource } from "../../cognito/source.ts";
import type { ApplicationRecord, OidcProtocol, SamlProtocol } from "../../destinations/credentials.ts";
import type { Destination } from "../../destinations/destination.ts";
import { oneACall } from "../../destinations/one-a-call.ts";
import { type Call, type Item, type Outcome, sendOne } from "../../destinations/sending.ts";
import type { Migration } from "../../domain/migration.ts";
import type { IdentityProvider, SamlProvider } from "../../domain/pool.ts";
import { askOne } from "../../engine/ask-one.ts";
import type { SourceTools } from "../../engine/ask-source.ts";
import type { Prepared, Work } from "../../engine/batch/work.ts";
import type { ApplicationDetails } from "../../ledger/applications.ts";
import type { Ledger } from "../../ledger/ledger.ts";
import { standingIds } from "../../ledger/placed.ts";
import type { ObjectState } from "../../ledger/planned-objects.ts";
import type { ClaimedItem } from "../../ledger/queue.ts";
import type { RunOfMigration } from "../../ledger/runs.ts";
import type { ApplicationPart, CredentialsPart } from "../../plan/credentials-parts.ts";
import { applicationKey, secretName } from "../../plan/keys.ts";
import { spEntityId } from "../../plan/placement.ts";
import type { SecretStore } from "../../secrets/secret-store.ts";
import { lookAgain } from "../fan-out/look-again.ts";
import { outcomeOf } from "../fan-out/outcome-of.ts";
import { plannedRecord } from "../fan-out/planned-record.ts";
import { sendOrganization } from "../fan-out/send-organization.ts";
import { secureSecret } from "./application-secret.ts";

/** Lists of applications may be long, and each page is a call. */
const MAX_CALLS = 1_000;
/** A call, and what Cognito and the secret store are asked until the next one. */
const CALL_TIMEOUT_MS = 120_000;

export interface CredentialsDeps {
  ledger: Ledger;
  destination: Destination;
  source: UserSource;
  sourceTools: SourceTools;
  secrets: SecretStore;
  run: RunOfMigration;
  file: Migration;
}

type Tries = Omit<Item<unknown>, "record">;

function prepared(item: ClaimedItem): Prepared<CredentialsPart> {
  const { record: data, fingerprint } = plannedRecord(item);
  // Written by the plan only, with the kind that says what it is.
  return { record: { kind: item.kind, data } as CredentialsPart, fingerprint };
}

interface CredentialsScene extends CredentialsDeps {
  /** Organizations made or found by this attempt, by key: the ledger hears of them a moment later. */
  organizations: Map<string, string>;
}

/** Organizations, connections, redirect URIs and applications: one at a time, each after what it needs. */
export function credentialsWork(deps: CredentialsDeps): Work<CredentialsPart> {
  const { destination } = deps;
  const scene: CredentialsScene = { ...deps, organizations: new Map() };
  const send = async ({ record, ...tries }: Item<CredentialsPart>, call: Call): Promise<Outcome> => {
    switch (record.kind) {
      case "organization": {
        const outcome = await sendOrganization(
          destination.organizations,
          { ...tries, record: record.data },
          call,
        );
        if ("destinationId" in outcome) scene.organizations.set(tries.key, outcome.destinationId);
        return outcome;
      }
      case "redirect_uri":
        return sendOne(destination.redirectUris, { ...tries, record: record.data }, call);
      case "connection":
        return sendConnection(scene, record.data, tries, call);
      case "application":
        return sendApplication(scene, record.data, tries, call);
    }
  };

  return {
    inOrder: true,
    // Whatever a dead attempt had claimed is in doubt, and the doubt of an application takes a minute each time.
    claimsSingly: true,
    sender: oneACall({ callsInFlight: 1, maxCalls: MAX_CALLS, send }),
    callTimeoutMs: CALL_TIMEOUT_MS,
    prepare: async (items) => items.map(prepared),
  };
}

const ORGANIZATION_MISSING: Outcome = {
  kind: "rejected",
  code: "organization_missing",
  message: "The organization that it belongs to could not be made.",
};

async function organizationId(
  { ledger, run, organizations }: CredentialsScene,
  key: string,
): Promise<string | null> {
  const madeNow = organizations.get(key);
  if (madeNow !== undefined) return madeNow;
  const found = await ledger.read((db) => standingIds(db, run.migrationId, "organization", [key]));
  return found.get(key) ?? null;
}

/** Sends what belongs to an organization; where that is refused, it may have been deleted and made anew. */
async function sendInto(
  scene: CredentialsScene,
  key: string,
  call: Call,
  send: (organizationId: string) => Promise<Outcome>,
): Promise<Outcome> {
  const id = await organizationId(scene, key);
  if (id === null) return ORGANIZATION_MISSING;
  const outcome = await send(id);
  if (!isRefusedThere(outcome)) return outcome;
  const tools = { ...scene, migrationId: scene.run.migrationId };
  const found = await lookAgain(tools, { key, id }, () => call.read());
  if (!found.ok) return outcomeOf(found);
  if (found.value === null || found.value === id) return outcome;
  scene.organizations.set(key, found.value);
  return send(found.value);
}

/** Of a connection, a missing organization reads like a missing API. */
function isRefusedThere(outcome: Outcome): boolean {
  if (outcome.kind === "skipped") return outcome.reason === "no_api";
  return outcome.kind === "rejected" && outcome.code === "organization_missing";
}

const PROVIDER_GONE = "provider_gone";

/** Whether the connection was skipped because Cognito has its provider no more. */
export function isProviderGone({ state, code }: Pick<ObjectState, "state" | "code">): boolean {
  return state === "skipped" && code === PROVIDER_GONE;
}

/** Cognito is asked for the secret here, and it goes from its answer into the call. */
async function sendConnection(
  deps: CredentialsScene,
  { provider: name, organization }: { provider: string; organization: string },
  tries: Tries,
  call: Call,
): Promise<Outcome> {
  const { source, sourceTools, destination, file } = deps;
  if ((await organizationId(deps, organization)) === null) return ORGANIZATION_MISSING;
  const provider = await askOne<IdentityProvider | null>(
    sourceTools,
    "DescribeIdentityProvider",
    async () => {
      const answer = await source.describeIdentityProvider(name);
      // Where it is the pool that is gone, the snapshot says so.
      return !answer.ok && answer.problem === "not_found" ? { ok: true, value: null } : answer;
    },
  );
  if (provider === null) return { kind: "skipped", reason: PROVIDER_GONE };
  const { clientId, clientSecret, issuer, saml } = provider;
  let protocol: OidcProtocol | SamlProtocol;
  if (saml !== null) protocol = samlProtocol(file, saml, provider.attributeMapping);
  else if (clientId !== null && clientSecret !== null && issuer !== null)
    protocol = { kind: "oidc", issuer, clientId, clientSecret };
  else return { kind: "skipped", reason: "no_api" };
  const record = { externalId: `${file.source.userPoolId}/${name}`, name, protocol };
  return sendInto(deps, organization, call, (organizationId) =>
    sendOne(destination.connections, { ...tries, record: { ...record, organizationId } }, call),
  );
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

/** The application counts as made when its secret is in the store, and the ledger knows its client id. */
async function sendApplication(
  deps: CredentialsScene,
  part: ApplicationPart,
  tries: Tries,
  call: Call,
): Promise<Outcome> {
  const { destination, file, secrets } = deps;
  const send = (record: ApplicationRecord) => sendOne(destination.applications, { ...tries, record }, call);
  const outcome = await sendRecord(deps, part, call, send);
  if (outcome.kind !== "created" && outcome.kind !== "already_there") return outcome;
  await call.read();
  const found = await destination.applications.find(outcome.destinationId);
  if (!found.ok) return outcomeOf(found);
  if (found.value === null) return notVisible();
  const { id, clientId } = found.value;
  let secretId: string | null = null;
  if (part.isConfidential) {
    const storeName = secretName(file.source.userPoolId, destination.environment, part.clientId);
    const application = { storeName, applicationId: id, clientId };
    const secured = await secureSecret(destination.applications, secrets, application, tries, call);
    if (secured.kind !== "secured") return secured;
    secretId = secured.secretId;
  }
  const details: ApplicationDetails = { destinationClientId: clientId, secretId };
  return { ...outcome, details };
}

async function sendRecord(
  deps: CredentialsScene,
  part: ApplicationPart,
  call: Call,
  send: (record: ApplicationRecord) => Promise<Outcome>,
): Promise<Outcome> {
  const { clientId, name, scopes, redirectUris, defaultRedirectUri, isConfidential, organization } = part;
  const common = { key: applicationKey(clientId), name, scopes };
  if (organization === null)
    return send({ ...common, kind: "oauth", redirectUris, defaultRedirectUri, usesPkce: !isConfidential });
  return sendInto(deps, organization, call, (organizationId) =>
    send({ ...common, kind: "m2m", organizationId }),
  );
}

function notVisible(): Outcome {
  return {
    kind: "unknown",
    code: "exists_but_not_visible",
    message: "The application was made, and no look-up shows it.",
    retryAfterMs: 1_000,
  };
}

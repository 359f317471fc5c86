import type { KnownClient, KnownProvider, PoolGroup, PoolShape } from "../../src/domain/pool.ts";
import { replaceConfiguration } from "../../src/ledger/configuration.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { type ProviderCheck, replaceProviderChecks } from "../../src/ledger/providers.ts";
import type { MigrationRow } from "../../src/ledger/runs.ts";
import { POOL_ID } from "./pools.ts";

export function shapeOf(change: Partial<PoolShape> = {}): PoolShape {
  return {
    poolId: POOL_ID,
    accountId: null,
    name: "Customers",
    issuer: `https://cognito-idp.eu-west-1.amazonaws.com/${POOL_ID}`,
    estimatedUsers: 1,
    usernameAttributes: ["email"],
    aliasAttributes: [],
    caseSensitiveUsernames: false,
    mfa: "OFF",
    attributeNames: [],
    triggers: [],
    domain: null,
    customDomain: null,
    ...change,
  };
}

export function providerOf(name: string, change: Partial<KnownProvider> = {}): KnownProvider {
  return {
    name,
    type: "Google",
    clientId: `client-of-${name}`,
    issuer: null,
    scopes: "openid email",
    saml: null,
    attributeMapping: {},
    identifiers: [],
    ...change,
  };
}

export const SAML: Partial<KnownProvider> = {
  type: "SAML",
  clientId: null,
  saml: { metadataUrl: null, metadataFile: null, ssoUrl: null, entityId: null, signingCertificates: [] },
};

/** Signs people in by the code flow, with a secret. */
export function clientOf(id: string, change: Partial<KnownClient> = {}): KnownClient {
  return {
    id,
    name: `App ${id}`,
    isConfidential: true,
    callbackUrls: [`https://${id}.example.com/callback`],
    logoutUrls: [],
    defaultRedirectUri: null,
    flows: ["code"],
    scopes: ["openid"],
    providers: ["COGNITO"],
    signInFlows: [],
    writeAttributes: null,
    ...change,
  };
}

export function checkOf(name: string, change: Partial<ProviderCheck> = {}): ProviderCheck {
  return { name, state: "missing", fault: null, found: null, reason: null, earlier: 0, ...change };
}

export interface SeededSetUp {
  shape?: PoolShape;
  groups?: readonly PoolGroup[];
  providers?: readonly KnownProvider[];
  clients?: readonly KnownClient[];
  checks?: readonly ProviderCheck[];
  /** Ids of clients whose application stands; the new id of `a` is `client_a`. */
  applications?: readonly string[];
  /** Identities by provider, as the plan counts them. */
  identities?: Readonly<Record<string, number>>;
}

/** The pool's set-up as assess, credentials and plan leave it in the ledger. */
export async function seedSetUp(
  ledger: Ledger,
  { id, generation }: MigrationRow,
  setUp: SeededSetUp,
): Promise<void> {
  const { shape, groups = [], providers = [], clients = [], checks = [], applications = [] } = setUp;
  await ledger.write(async (tx) => {
    const replace = (
      kind: "pool" | "group" | "provider" | "client",
      entries: { name: string; data: object }[],
    ) => replaceConfiguration(tx, id, generation, kind, entries);
    await replace("pool", shape === undefined ? [] : [{ name: shape.poolId, data: shape }]);
    await replace(
      "group",
      groups.map((data) => ({ name: data.name, data })),
    );
    await replace(
      "provider",
      providers.map((data) => ({ name: data.name, data })),
    );
    await replace(
      "client",
      clients.map((data) => ({ name: data.id, data })),
    );
    await replaceProviderChecks(tx, { migrationId: id, generation }, checks);
    for (const clientId of applications) {
      const secretId = clients.find((one) => one.id === clientId)?.isConfidential
        ? `secret_${clientId}`
        : null;
      await noteStanding(tx, id, [
        {
          kind: "application",
          key: clientId,
          destinationId: `app_${clientId}`,
          how: "created",
          fingerprint: "f",
          details: { destinationClientId: `client_${clientId}`, secretId },
          firstClaimedAtMs: 1,
        },
      ]);
    }
    await tx
      .insertInto("cursors")
      .values({
        migration_id: id,
        name: "plan:links",
        generation,
        fence: 1,
        position: null,
        done: 1,
        counters: JSON.stringify(
          Object.fromEntries(
            Object.entries(setUp.identities ?? {}).map(([name, n]) => [`provider:${name}`, n]),
          ),
        ),
      })
      .execute();
  });
}

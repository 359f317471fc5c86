import type { MigrationFile } from "../../../src/domain/migration.ts";
import type { KnownClient, KnownProvider, PoolGroup, PoolShape } from "../../../src/domain/pool.ts";
import type { SetUp } from "../../../src/plan/findings/assessment.ts";
import { migrationOf } from "../../domain/parse-file.ts";

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_Sample" };

export function fileOf(changes: Partial<MigrationFile> = {}) {
  return migrationOf({ source: SOURCE, destination: { kind: "workos" }, ...changes });
}

export interface SetUpWish {
  shape?: Partial<PoolShape>;
  groups?: readonly string[];
  providers?: KnownProvider[];
  clients?: KnownClient[];
  foreignRoles?: readonly string[];
  canary?: SetUp["canary"];
  workplace?: Partial<SetUp["workplace"]>;
}

/** A pool in whose way nothing stands. */
export function setUpOf({
  shape,
  groups = [],
  providers = [],
  clients = [],
  foreignRoles = [],
  canary = [],
  workplace,
}: SetUpWish = {}): SetUp {
  return {
    shape: {
      poolId: SOURCE.userPoolId,
      accountId: null,
      name: "customers",
      issuer: `https://cognito-idp.eu-west-1.amazonaws.com/${SOURCE.userPoolId}`,
      estimatedUsers: 10,
      usernameAttributes: [],
      aliasAttributes: [],
      caseSensitiveUsernames: true,
      mfa: "OFF",
      attributeNames: ["sub", "email", "custom:tenant", "custom:plan"],
      triggers: [],
      domain: null,
      customDomain: null,
      ...shape,
    },
    configuration: { groups: groups.map(groupOf), providers, clients, resourceServers: [] },
    foreignRoles,
    canary,
    workplace: { ledger: { ok: true }, secrets: null, mails: null, ...workplace },
  };
}

function groupOf(name: string): PoolGroup {
  return { name, description: "", precedence: null };
}

export function providerOf(fields: Partial<KnownProvider> = {}): KnownProvider {
  return {
    name: "Corp",
    type: "OIDC",
    clientId: "client-1",
    issuer: "https://login.corp.example",
    scopes: "openid",
    saml: null,
    attributeMapping: {},
    identifiers: [],
    ...fields,
  };
}

export function clientOf(fields: Partial<KnownClient> = {}): KnownClient {
  return {
    id: "app-1",
    name: "web-app",
    callbackUrls: [],
    logoutUrls: [],
    defaultRedirectUri: null,
    flows: ["code"],
    scopes: [],
    providers: [],
    signInFlows: [],
    writeAttributes: ["email"],
    isConfidential: false,
    ...fields,
  };
}

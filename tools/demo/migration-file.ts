import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Pool } from "../../test/doubles/pool/pool.ts";

/** The organization in which the connection of each company's provider is made. */
export const PLACED_PROVIDERS = { AcmeSAML: "acme", CorpOIDC: "corp", Microsoft: "corp" } as const;
/** The permissions of each role that has some. */
export const PERMISSIONS = { admins: ["users:read", "users:write"], editors: ["users:read"] };

/** What an engineer would write for this pool. */
export function migrationFile(pool: Pool): MigrationFile {
  const providers = Object.entries(PLACED_PROVIDERS).map(([name, organization]) => [name, { organization }]);
  const machines = pool.clients.filter(({ flows }) => flows.includes("client_credentials"));
  return {
    source: { region: pool.region, userPoolId: pool.poolId },
    destination: { kind: "workos" },
    attributes: { "custom:plan": "plan", locale: "locale" },
    attributesOverLimit: "drop",
    organizations: { from: "attribute", attribute: "custom:tenant" },
    roles: { from: "groups", permissions: PERMISSIONS },
    providers: Object.fromEntries(providers),
    clients: Object.fromEntries(machines.map(({ id }) => [id, { organization: "corp" }])),
    gate: { firstPollSeconds: 0.5, lastPollSeconds: 2 },
    pace: { writesPerSecond: 400, callsPerSecond: 950, readsPerSecond: 900, pagesPerSecond: 25 },
  };
}

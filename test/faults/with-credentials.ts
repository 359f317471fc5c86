import type { RunSummary } from "../../src/domain/contract.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { skipProviderUpdate } from "../../src/workflows/messages.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { FAST_PACE, progressOf, type Run, type Stage, type StageWish, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** What the pool's SAML provider answers under its metadata URL. */
export const SAML_METADATA = {
  "https://idp.acme.example/saml/metadata": "https://idp.acme.example/saml/sign-in",
};

/** Places everything in the pool that needs an organization. */
export const PLACED: Pick<MigrationFile, "organizations" | "roles" | "providers" | "gate"> = {
  organizations: { from: "attribute", attribute: "custom:tenant" },
  roles: { from: "groups", permissions: { admins: ["users:read", "users:write"] } },
  providers: {
    CorpOIDC: { organization: "corp" },
    Microsoft: { organization: "corp" },
    AcmeSAML: { organization: "acme" },
  },
  gate: { firstPollSeconds: 0.2, lastPollSeconds: 0.5 },
};

/** A stage whose pool has providers, app clients and groups. */
export async function setCredentialsStage(
  wish: StageWish & { poolId: string; users?: number; secretMarker?: () => string },
): Promise<Stage> {
  const { poolId, users = 200, secretMarker, file, workos, ...rest } = wish;
  const pool =
    rest.pool ?? makePool({ users, seed: 5, poolId, providers: true, ...(secretMarker && { secretMarker }) });
  return setStage({
    ...rest,
    pool,
    workos: { samlMetadata: SAML_METADATA, ...workos },
    file: { ...PLACED, clients: machineClients(pool), pace: FAST_PACE, ...file },
  });
}

/** Every machine's client in one organization. */
function machineClients(pool: Pool): NonNullable<MigrationFile["clients"]> {
  const machines = pool.clients.filter(({ flows }) => flows.includes("client_credentials"));
  return Object.fromEntries(machines.map(({ id }) => [id, { organization: "corp" }]));
}

/** The operator enters the provider's client in WorkOS's dashboard, as it stands in Cognito. */
export function enterInDashboard({ workos, pool }: Stage, name: "Google" | "SignInWithApple"): void {
  const provider = pool.identityProviders.find((one) => one.name === name);
  const clientId = provider?.details.client_id;
  if (clientId === undefined) throw new Error(`The pool has no ${name}.`);
  workos.configureProvider({ provider: name === "Google" ? "GoogleOAuth" : "AppleOAuth", clientId });
}

/** The run goes on without the providers that it waits for, to its end. */
export async function pastTheGate(run: Run): Promise<RunSummary> {
  const waiting = async () => (await progressOf(run)).missingProviders;
  await until("the gate waits", async () => (await waiting()).length > 0, 60_000);
  for (const { name } of await waiting())
    await run.executeUpdate(skipProviderUpdate, { args: [{ name, reason: "not in this test" }] });
  return run.result();
}

import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { inject, onTestFinished } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { type Owner, ownMigration } from "../../src/ledger/runs.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { type CognitoDouble, startCognitoDouble } from "../doubles/cognito/double.ts";
import { makePool, type PoolWish } from "../doubles/pool/make-pool.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

export interface Rig {
  folder: string;
  pool: Pool;
  cognito: CognitoDouble;
  workos: WorkosDouble;
  settings: Record<string, string>;
  /** Path of the migration file. */
  file: string;
}

/** Both sides, a folder with a migration file, and the settings that lead to them. */
export async function startRig(
  users = 120,
  changes: Partial<MigrationFile> = {},
  wish: Partial<PoolWish> = {},
): Promise<Rig> {
  const folder = freshFolder();
  // The Temporal server is shared: every pool has a name of its own.
  const poolId = `eu-west-1_${randomUUID().replaceAll("-", "").slice(0, 12)}`;
  const pool = makePool({ users, seed: 1, poolId, ...wish });
  const cognito = await startCognitoDouble({ pool, options: { unlimited: true } });
  const workos = await startWorkosDouble({ options: { unlimited: true } });
  onTestFinished(async () => {
    await Promise.all([cognito.close(), workos.close()]);
  });
  const file = join(folder, "migration.json");
  const migration: MigrationFile = {
    $schema: "../docs/migration.schema.json",
    source: { region: pool.region, userPoolId: poolId },
    destination: { kind: "workos" },
    attributes: { "custom:plan": "plan" },
    attributesOverLimit: "drop",
    pace: { writesPerSecond: 500, callsPerSecond: 2_000, readsPerSecond: 2_000, pagesPerSecond: 100 },
    ...changes,
  };
  writeFileSync(file, JSON.stringify(migration));
  const settings = {
    TEMPORAL_ADDRESS: inject("temporalAddress"),
    SPILLWAY_TASK_QUEUE: poolId,
    SPILLWAY_LEDGER: `sqlite:${join(folder, "ledger.db")}`,
    SPILLWAY_SECRETS: `file:${join(folder, "secrets.json")}`,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "x",
    WORKOS_API_URL: workos.url,
    WORKOS_API_KEY: workos.key,
    WORKOS_CLIENT_ID: workos.clientId,
  };
  return { folder, pool, cognito, workos, settings, file };
}

const SOME_OWNER: Owner = { namespace: "default", workflowId: "w", firstRunId: "r" };

/** The ledger knows of a migration to this environment, of which no run has read anything. */
export async function addMigration(
  { pool, settings }: Rig,
  environment: string,
  owner = SOME_OWNER,
): Promise<void> {
  const source = { region: pool.region, userPoolId: pool.poolId };
  const file = migrationOf({ source, destination: { kind: "workos" } });
  const identity = { poolId: pool.poolId, destinationKind: "workos", environment };
  const ledger = await openLedger(settings.SPILLWAY_LEDGER ?? "");
  await ledger.write((tx) => ownMigration(tx, identity, file, owner, undefined));
  await ledger.close();
}

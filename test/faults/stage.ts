import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { Client, Connection, type WorkflowHandle } from "@temporalio/client";
import { inject, onTestFinished } from "vitest";
import type { RedriveSummary, RunSummary, UndoSummary, VerifySummary } from "../../src/domain/contract.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { RedriveInput } from "../../src/domain/redrive-input.ts";
import type { UndoInput } from "../../src/domain/undo.ts";
import type { VerifyInput } from "../../src/domain/verify-input.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import { type ProgressAnswer, progressQuery } from "../../src/workflows/messages.ts";
import { type CognitoDouble, startCognitoDouble } from "../doubles/cognito/double.ts";
import type { OptionsWish } from "../doubles/cognito/options.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { startWorkosDouble, type WorkosDouble } from "../doubles/workos/double.ts";
import type { GivenOptions } from "../doubles/workos/options.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { startWorkerHere } from "./worker-here.ts";
import { startWorker, type WorkerProcess } from "./worker-process.ts";

/** A pace that no test waits for, and that the doubles of these tests allow. */
export const FAST_PACE = {
  writesPerSecond: 2_000,
  readsPerSecond: 2_000,
  callsPerSecond: 4_000,
  pagesPerSecond: 200,
};
const TASK_TIMEOUT_MS = 5_000;

export interface StageWish {
  users?: number;
  pool?: Pool;
  /** Confirmed, verified people only. */
  plain?: boolean;
  workos?: GivenOptions;
  cognito?: OptionsWish;
  ledgerUrl?: string;
  temporalAddress?: string;
  /** Settings of the workers beside the stage's own. */
  settings?: Record<string, string>;
  /** The file that a worker begins with, where it is not the product's own. */
  workerEntry?: string;
  file?: Partial<MigrationFile>;
}

/** Both doubles, a ledger and a Temporal server, each run on its own task queue and pool. */
export interface Stage {
  pool: Pool;
  cognito: CognitoDouble;
  workos: WorkosDouble;
  client: Client;
  folder: string;
  ledgerUrl: string;
  taskQueue: string;
  workflowId: string;
  environment: Record<string, string>;
  file: MigrationFile;
  /** A process of its own, to be killed or listened to. */
  startWorker(more?: Record<string, string>): WorkerProcess;
  /** A worker inside of this process, which is there sooner. */
  work(more?: Record<string, string>): Promise<void>;
  /** Starts the run as the command in the README does. */
  start(changes?: Partial<MigrationFile>): Promise<Run>;
  /** Starts an undo of its migration. */
  undo(wish?: Partial<UndoInput>): Promise<WorkflowHandle<(undo: unknown) => Promise<UndoSummary>>>;
  /** Starts a redrive of what failed. */
  redrive(): Promise<WorkflowHandle<(redrive: unknown) => Promise<RedriveSummary>>>;
  /** Starts a verification by itself. */
  verify(wish?: Partial<VerifyInput>): Promise<WorkflowHandle<(verify: unknown) => Promise<VerifySummary>>>;
  withLedger<T>(look: (ledger: Ledger) => Promise<T>): Promise<T>;
}

export type Run = WorkflowHandle<(file: unknown) => Promise<RunSummary>>;

let stages = 0;

export async function setStage(wish: StageWish = {}): Promise<Stage> {
  stages += 1;
  const name = `${process.pid}x${stages}`;
  const pool = wish.pool ?? generate(wish, `eu-west-1_${name}${randomUUID().slice(0, 4)}`);
  const cognito = await startCognitoDouble({ pool, options: { quotaScale: 100, ...wish.cognito } });
  const workos = await startWorkosDouble({ options: { limitScale: 100, ...wish.workos } });
  const address = wish.temporalAddress ?? inject("temporalAddress");
  const connection = await Connection.connect({ address });
  onTestFinished(async () => {
    await connection.close();
    await Promise.all([cognito.close(), workos.close()]);
  });
  const folder = freshFolder();
  const ledgerUrl = wish.ledgerUrl ?? `sqlite:${join(folder, "ledger.db")}`;
  const taskQueue = `spillway-${name}`;
  const environment = {
    SPILLWAY_LEDGER: ledgerUrl,
    SPILLWAY_SECRETS: `file:${join(folder, "secrets.json")}`,
    SPILLWAY_TASK_QUEUE: taskQueue,
    TEMPORAL_ADDRESS: address,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "example",
    WORKOS_API_URL: workos.url,
    WORKOS_API_KEY: workos.key,
    WORKOS_CLIENT_ID: workos.clientId,
    ...wish.settings,
  };
  const file: MigrationFile = {
    source: { region: pool.region, userPoolId: pool.poolId },
    destination: { kind: "workos" },
    attributes: { "custom:plan": "plan" },
    attributesOverLimit: "drop",
    pace: FAST_PACE,
    ...wish.file,
  };
  const workflowId = `migrate-${pool.poolId}`;
  const client = new Client({ connection });
  return {
    pool,
    cognito,
    workos,
    client,
    folder,
    ledgerUrl,
    taskQueue,
    workflowId,
    environment,
    file,
    startWorker: (more = {}) => startWorker({ ...environment, ...more }, wish.workerEntry),
    work: (more = {}) => startWorkerHere({ ...environment, ...more }),
    start: (changes = {}) =>
      client.workflow.start<(file: unknown) => Promise<RunSummary>>("migrateUserPool", {
        workflowId,
        taskQueue,
        args: [{ ...file, ...changes }],
        workflowTaskTimeout: TASK_TIMEOUT_MS,
      }),
    undo: (wish = {}) => {
      const { poolId } = pool;
      const undo: UndoInput = {
        userPoolId: poolId,
        destination: { kind: "workos" },
        confirm: poolId,
        ...wish,
      };
      return client.workflow.start<(undo: unknown) => Promise<UndoSummary>>("undoMigration", {
        workflowId,
        taskQueue,
        args: [undo],
        workflowTaskTimeout: TASK_TIMEOUT_MS,
      });
    },
    redrive: () => {
      const input: RedriveInput = { userPoolId: pool.poolId, destination: { kind: "workos" } };
      return client.workflow.start<(redrive: unknown) => Promise<RedriveSummary>>("redriveMigration", {
        workflowId,
        taskQueue,
        args: [input],
        workflowTaskTimeout: TASK_TIMEOUT_MS,
      });
    },
    verify: (wish = {}) => {
      const input: VerifyInput = { userPoolId: pool.poolId, destination: { kind: "workos" }, ...wish };
      return client.workflow.start<(verify: unknown) => Promise<VerifySummary>>("verifyMigration", {
        workflowId,
        taskQueue,
        args: [input],
        workflowTaskTimeout: TASK_TIMEOUT_MS,
      });
    },
    async withLedger(look) {
      const ledger = await openLedger(ledgerUrl);
      try {
        return await look(ledger);
      } finally {
        await ledger.close();
      }
    },
  };
}

function generate({ users = 300, plain = false }: StageWish, poolId: string): Pool {
  return plain ? plainPool({ users, poolId }) : makePool({ users, seed: 7, poolId });
}

export function progressOf(run: Pick<WorkflowHandle, "query">): Promise<ProgressAnswer> {
  return run.query(progressQuery);
}

/** Calls that make a user at the destination, as far as they have arrived. */
export function creates(workos: WorkosDouble) {
  return workos.journal.entries.filter((entry) => entry.operation === "createUser");
}

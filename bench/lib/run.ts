import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, Connection, type WorkflowHandle } from "@temporalio/client";
import manifest from "../../package.json" with { type: "json" };
import type { RunSummary } from "../../src/domain/contract.ts";
import type { MigrationFile } from "../../src/domain/migration.ts";
import type { Phase } from "../../src/domain/phases.ts";
import { approveUpdate, progressQuery } from "../../src/workflows/messages.ts";
import { ATTRIBUTES } from "./attributes.ts";
import { type ChildOptions, startChild } from "./child.ts";
import type { Cognito, Workos } from "./doubles.ts";
import { type RunHistory, readHistory, type Span } from "./history.ts";
import { type MemorySample, MemoryWatch } from "./memory.ts";

/** As the start command in the README sets it. */
const TASK_TIMEOUT_MS = 5_000;

/** A pace that nobody waits for. */
export const LIFTED_PACE = {
  writesPerSecond: 50_000,
  readsPerSecond: 50_000,
  callsPerSecond: 50_000,
  pagesPerSecond: 50_000,
};

export interface RunWish {
  cognito: Cognito;
  workos: Workos;
  temporalAddress: string;
  ledgerUrl: string;
  pace: MigrationFile["pace"];
  /** Organizations and roles; users alone unless given. */
  structure?: Pick<MigrationFile, "organizations" | "roles">;
  /** Approved as soon as the run waits for it. */
  passwordResets?: MigrationFile["passwordResets"];
  dryRun?: boolean;
  /** For the worker's Node. */
  nodeOptions?: ChildOptions["nodeOptions"];
}

export interface RunFigures {
  summary: RunSummary;
  history: RunHistory;
  memory: readonly MemorySample[];
  peakBytes: number | null;
}

/** `npm run worker` to the word, settings first: a bench measures what operators run. */
const WORKER_WORDS = manifest.scripts.worker.split(" ");
const WORKER_FLAGS = WORKER_WORDS.filter((word) => word.startsWith("--"));
const WORKER_ENVIRONMENT = Object.fromEntries(
  WORKER_WORDS.slice(0, WORKER_WORDS.indexOf("node")).map((word) => word.split("=", 2)),
);

/** One whole migration by a worker of its own, which is gone, and its ledger closed, when this resolves. */
export async function migrate(wish: RunWish): Promise<RunFigures> {
  const { cognito, workos, temporalAddress, ledgerUrl, nodeOptions = [] } = wish;
  const taskQueue = `spillway-bench-${randomUUID()}`;
  await using worker = startChild("src/worker.ts", {
    nodeOptions: [...WORKER_FLAGS, ...nodeOptions],
    environment: {
      ...WORKER_ENVIRONMENT,
      SPILLWAY_LEDGER: ledgerUrl,
      SPILLWAY_TASK_QUEUE: taskQueue,
      TEMPORAL_ADDRESS: temporalAddress,
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: cognito.url,
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "example",
      WORKOS_API_URL: workos.url,
      WORKOS_API_KEY: workos.key,
      WORKOS_CLIENT_ID: workos.clientId,
    },
  });
  using memory = new MemoryWatch(worker.pid);
  await worker.line((line) => line.includes("worker started"));

  const connection = await Connection.connect({ address: temporalAddress });
  try {
    const client = new Client({ connection });
    const workflowId = `migrate-${cognito.poolId}`;
    const file: MigrationFile = {
      source: { region: cognito.region, userPoolId: cognito.poolId },
      destination: { kind: "workos" },
      attributes: ATTRIBUTES,
      pace: wish.pace,
      dryRun: wish.dryRun ?? false,
      ...wish.structure,
      ...(wish.passwordResets === undefined ? {} : { passwordResets: wish.passwordResets }),
    };
    const run = await client.workflow.start<(file: unknown) => Promise<RunSummary>>("migrateUserPool", {
      workflowId,
      taskQueue,
      args: [file],
      workflowTaskTimeout: TASK_TIMEOUT_MS,
    });
    if (wish.passwordResets?.send && !wish.dryRun) await approveResets(run);
    const summary = await run.result();
    const peakBytes = memory.peakBytes();
    const history = await readHistory(client, workflowId, run.firstExecutionRunId);
    return { summary, history, memory: memory.samples, peakBytes };
  } finally {
    await connection.close();
  }
}

async function approveResets(run: WorkflowHandle): Promise<void> {
  while ((await run.query(progressQuery)).waitsFor?.code !== "approval_resets") await sleep(500);
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}

/** When the activities of a phase worked. */
export function spanOf({ history }: RunFigures, phase: Phase): Span & { times: number } {
  const span = history.activities.get(phase);
  if (span === undefined) throw new Error(`The run has no completed activity of ${phase}.`);
  return span;
}

export function lengthMs({ startMs, endMs }: Span): number {
  return endMs - startMs;
}

import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { inject, onTestFinished } from "vitest";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { migrationsOfPool, type Owner } from "../../src/ledger/runs.ts";
import { runCli } from "./cli.ts";
import { addMigration, type Rig, startRig } from "./rig.ts";

/** A migration whose owner is a run at the tests' Temporal, on a queue that no worker polls. */
export async function ownedRig() {
  const rig = await startRig(1);
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  const run = await new Client({ connection }).workflow.start("migrateUserPool", {
    taskQueue: rig.pool.poolId,
    workflowId: workflowIdOf(rig.pool.poolId),
  });
  onTestFinished(async () => {
    await run.terminate().catch(() => undefined);
    await connection.close();
  });
  const owner = { namespace: "default", workflowId: run.workflowId, firstRunId: run.firstExecutionRunId };
  await addMigration(rig, rig.workos.clientId, owner);
  return { rig, run, owner, connection };
}

export function takeOver({ folder, settings, pool }: Rig) {
  return runCli(["takeover", pool.poolId, "--yes"], folder, settings);
}

export async function ownerOf({ folder, pool }: Rig): Promise<Owner | null | undefined> {
  const ledger = await openLedger(`sqlite:${join(folder, "ledger.db")}`);
  try {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
    return migration?.owner;
  } finally {
    await ledger.close();
  }
}

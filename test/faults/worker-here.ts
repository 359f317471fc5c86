import "../setup/offline.ts";
import { onTestFinished, vi } from "vitest";
import type { RegisteredVendor } from "../../src/destinations/registry.ts";
import { required } from "../../src/exit.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { readSettings } from "../../src/settings.ts";
import { connectTemporal } from "../../src/temporal/connection.ts";
import { createWorker } from "../../src/temporal/create-worker.ts";
import { createDeps } from "../../src/temporal/deps.ts";
import { createOrchestration } from "../../src/temporal/orchestration.ts";
import { createLogger, installRuntime } from "../../src/temporal/runtime.ts";

const NAMESPACE = "default";

let runtime: Promise<unknown> | undefined;

/**
 * A worker inside of the test's own process, made of the parts that the program makes it of: for tests that neither
 * kill it nor read what it prints, as a process of its own takes two seconds to start. It stops when the test ends.
 */
export async function startWorkerHere(
  environment: Record<string, string>,
  vendors?: readonly RegisteredVendor[],
): Promise<void> {
  const settings = required(readSettings(environment, vendors));
  // The AWS SDK reads its own settings, when it is first asked for them.
  for (const [name, value] of Object.entries(environment))
    if (name.startsWith("AWS_")) vi.stubEnv(name, value);
  runtime ??= installRuntime(createLogger("error"), null);
  await runtime;
  const { TEMPORAL_ADDRESS: address = "" } = environment;
  const target = { address, namespace: NAMESPACE, options: { address } };
  const ledger = await openLedger(settings.ledgerUrl);
  const connection = required(await connectTemporal(target));
  const deps = await createDeps(settings, ledger, createOrchestration(connection, target));
  const worker = await createWorker(connection, NAMESPACE, settings.taskQueue, deps);
  const ended = worker.run();
  onTestFinished(async () => {
    worker.shutdown();
    await ended;
    await connection.close();
    await ledger.close();
    vi.unstubAllEnvs();
  });
}

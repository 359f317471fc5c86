import { flushCompileCache } from "node:module";
import { endWith, required } from "../exit.ts";
import { openLedger } from "../ledger/ledger.ts";
import type { Settings } from "../settings.ts";
import { connectTemporal } from "./connection.ts";
import { createWorker } from "./create-worker.ts";
import { createDeps } from "./deps.ts";
import { refuseForeignPollers } from "./foreign-pollers.ts";
import { createOrchestration } from "./orchestration.ts";
import { createLogger, installRuntime } from "./runtime.ts";
import { readTemporalTarget } from "./target.ts";

/** Works until SIGTERM or SIGINT. Rejects with UsageError or LedgerError for what an operator can mend. */
export async function runWorker(settings: Settings): Promise<void> {
  const target = required(readTemporalTarget());
  const logger = createLogger(settings.logLevel);
  required(await installRuntime(logger, settings.metricsAddress));
  const ledger = await openLedger(settings.ledgerUrl);
  void ledger.ended.then(endWith);
  try {
    const connection = required(await connectTemporal(target));
    try {
      await refuseForeignPollers(connection, target.namespace, settings.taskQueue, ledger.id);
      const deps = await createDeps(settings, ledger, createOrchestration(connection, target));
      const worker = await createWorker(connection, target.namespace, settings.taskQueue, deps);
      // A kill leaves no time for it.
      flushCompileCache();
      const { address, namespace } = target;
      logger.info({ address, namespace, taskQueue: settings.taskQueue, ledger: ledger.id }, "worker started");
      await worker.run();
      logger.info("worker stopped");
    } finally {
      await connection.close();
    }
  } finally {
    await ledger.close();
  }
}

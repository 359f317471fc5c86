import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "./until.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** A process that is stopped inside of a transaction keeps SQLite's lock: nobody could go on, whatever Spillway does. */
export async function stopBetweenTransactions(worker: WorkerProcess, path: string): Promise<void> {
  const probe = new DatabaseSync(path, { timeout: 0 });
  await until("the worker is stopped between transactions", async () => {
    worker.signal("SIGSTOP");
    // The kernel stops it a moment later.
    await sleep(20);
    try {
      probe.exec("begin immediate; rollback");
      return true;
    } catch {
      worker.signal("SIGCONT");
      return false;
    }
  });
  probe.close();
}

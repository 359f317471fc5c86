import { join } from "node:path";
import { expect, test } from "vitest";
import { startWorker } from "../faults/worker-process.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

test("a worker whose ledger cannot be had says so and ends, so that its supervisor starts it anew", async () => {
  const worker = startWorker({
    SPILLWAY_LEDGER: `sqlite:${join(freshFolder(), "no-such-folder", "ledger.db")}`,
    SPILLWAY_METRICS_ADDRESS: `127.0.0.1:${await freePort()}`,
  });
  expect(await worker.exited()).toBe(2);
  expect(worker.output()).toBe(
    "The ledger cannot be written: it does not exist, or a folder on its path does not; check SPILLWAY_LEDGER.\n",
  );
});

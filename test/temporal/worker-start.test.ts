import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startWorker } from "../faults/worker-process.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const DESTINATION = { WORKOS_API_KEY: "sk_test_1", WORKOS_CLIENT_ID: "client_01" };

test.each([
  [{}, /^These settings are missing: WORKOS_API_KEY [^\n]*, WORKOS_CLIENT_ID [^\n]*\.\n$/],
  [{ ...DESTINATION, WORKOS_CLIENT_ID: "" }, /^The setting WORKOS_CLIENT_ID is missing; [^\n]*\.\n$/],
  [{ ...DESTINATION, WORKOS_API_URL: "http://x" }, /^The setting WORKOS_API_URL must be [^\n]*\.\n$/],
  [{ ...DESTINATION, SPILLWAY_TASK_QUEUE: "  " }, /^The setting SPILLWAY_TASK_QUEUE must [^\n]*\.\n$/],
  [{ ...DESTINATION, TEMPORAL_ADDRESS: "garbage" }, /^The setting TEMPORAL_ADDRESS must be [^\n]*\.\n$/],
  [{ ...DESTINATION, TEMPORAL_PROFILE: "cloud" }, /^TEMPORAL_PROFILE names the profile "cloud", [^\n]*\.\n$/],
  [
    { ...DESTINATION, TEMPORAL_TLS_CLIENT_CERT_PATH: "missing.pem" },
    /^The client certificate missing\.pem of Temporal's settings cannot be read: [^\n]*\.\n$/,
  ],
])(
  "a worker whose settings cannot be right says so at its start and ends: %j",
  async (settings, sentence) => {
    const ledger = join(freshFolder(), "ledger.db");
    const worker = startWorker({ SPILLWAY_LEDGER: `sqlite:${ledger}`, ...settings });
    expect(await worker.exited()).toBe(2);
    expect(worker.output()).toMatch(sentence);
    expect(existsSync(ledger)).toBe(false);
  },
);

test("a worker whose ledger cannot be had says so and ends, so that its supervisor starts it anew", async () => {
  const worker = startWorker({
    ...DESTINATION,
    SPILLWAY_LEDGER: `sqlite:${join(freshFolder(), "no-such-folder", "ledger.db")}`,
    SPILLWAY_METRICS_ADDRESS: `127.0.0.1:${await freePort()}`,
  });
  expect(await worker.exited()).toBe(2);
  expect(worker.output()).toBe(
    "The ledger cannot be written: it does not exist, or a folder on its path does not; check SPILLWAY_LEDGER.\n",
  );
});

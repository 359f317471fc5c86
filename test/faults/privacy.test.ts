import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { pauseUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { makePool } from "../doubles/pool/make-pool.ts";
import { randomMarker } from "../doubles/pool/random.ts";
import { freePort } from "../setup/free-port.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { recordFigures } from "./figures.ts";
import { historyText, hits } from "./history-text.ts";
import { creates, FAST_PACE, progressOf, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 120_000;
const SECRETS = { AWS_SECRET_ACCESS_KEY: randomMarker(), WORKOS_API_KEY: `sk_test_${randomMarker()}` };

test("no history, log or metric holds personal data", { timeout: LONG_TEST_MS }, async () => {
  const marker = randomMarker();
  const pool = makePool({
    users: 600,
    seed: 3,
    poolId: freshPoolId("private"),
    marker: () => marker,
  });
  const stage = await setStage({
    pool,
    workos: { key: SECRETS.WORKOS_API_KEY },
    file: { pace: { ...FAST_PACE, writesPerSecond: 150 } },
  });
  // Vendors put addresses into their messages: rejections, nonsense and proxies' pages.
  const leaky = { code: "user_creation_error", message: marker, errors: [{ code: marker, message: marker }] };
  stage.workos.faults.add(
    {
      match: { operation: "createUser", after: 20 },
      times: 5,
      effect: { kind: "status", status: 400, body: leaky },
    },
    {
      match: { operation: "createUser", after: 60 },
      times: 5,
      effect: { kind: "status", status: 500, body: marker },
    },
    { match: { operation: "createUser", after: 90 }, times: 5, effect: { kind: "reset_after_effect" } },
    {
      match: { operation: "createUser", after: 250 },
      times: 40,
      effect: { kind: "status", status: 422, body: { message: marker } },
    },
  );
  const metrics = `127.0.0.1:${await freePort()}`;
  const more = { ...SECRETS, LOG_LEVEL: "debug", SPILLWAY_METRICS_ADDRESS: metrics };
  const first = stage.startWorker(more);
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 50);
  const seenMetrics = await scrape(metrics);
  await run.executeUpdate(pauseUpdate);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await first.end("SIGKILL");
  const second = stage.startWorker(more);
  await until("the run parks", async () => (await progressOf(run)).waitsFor);
  const parked = JSON.stringify(await progressOf(run));
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["http_422"] }] });
  const codes = await until("the run ends or parks", async () => {
    const { status } = await run.describe();
    if (status.name === "COMPLETED") return "completed";
    return (await progressOf(run)).waitsFor?.code;
  });
  expect(codes).toBe("completed");
  const lateMetrics = await scrape(metrics);
  await second.end("SIGTERM");

  const history = historyText(await run.fetchHistory());
  expect(history).toContain(pool.poolId);
  const places = { history, parked, seenMetrics, lateMetrics, log: first.output() + second.output() };
  const secrets = [marker, SECRETS.AWS_SECRET_ACCESS_KEY, SECRETS.WORKOS_API_KEY];
  for (const [place, text] of Object.entries(places))
    for (const secret of secrets) expect(hits(text, secret), `in ${place}`).toBe(0);
  // The search itself works: the ledger keeps what the vendor said.
  expect(hits(readFileSync(`${stage.folder}/ledger.db`, "latin1"), marker)).toBeGreaterThan(100);
  recordFigures("markers searched for in history, logs, metrics", { users: 600, markersFound: 0 });
});

async function scrape(address: string): Promise<string> {
  const response = await fetch(`http://${address}/metrics`);
  const text = await response.text();
  expect(text).toContain("temporal_");
  return text;
}

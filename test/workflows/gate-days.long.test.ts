import { expect, test } from "vitest";
import { auditRun } from "../faults/audit.ts";
import { recordFigures } from "../faults/figures.ts";
import type { Run } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { enterInDashboard, setCredentialsStage } from "../faults/with-credentials.ts";
import { freePort } from "../setup/free-port.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startTemporal } from "../setup/temporal-server.ts";
import { waitingFor } from "./waiting-for.ts";

const LONG_TEST_MS = 300_000;
/** The server looks after its timers once a second, unless it is told otherwise. */
const QUICK_TIMERS = {
  "history.timerProcessorMaxTimeShift": '"1ms"',
  "history.timerProcessorPollBackoffInterval": '"5ms"',
  "history.timerProcessorMaxPollRPS": "1000",
  "history.timerProcessorMaxPollHostRPS": "1000",
};

async function eventsOf(run: Run): Promise<number> {
  return (await run.fetchHistory()).events?.length ?? 0;
}

/** As many looks as come in seven days at one in five minutes, each a moment after the other. */
test("seven days of waiting leave no trace in the history", { timeout: LONG_TEST_MS }, async () => {
  const looks = (7 * 24 * 3_600) / 300;
  const temporal = await startTemporal({ port: await freePort(), dynamicConfig: QUICK_TIMERS });
  const stage = await setCredentialsStage({
    poolId: freshPoolId("days"),
    temporalAddress: temporal.address,
    users: 100,
    file: { gate: { firstPollSeconds: 0.01, lastPollSeconds: 0.01 } },
  });
  const worker = stage.startWorker();
  const run = await stage.start();
  await waitingFor(run, ["Google", "SignInWithApple"]);
  const { entries } = stage.workos.journal;
  const looksSoFar = () => entries.filter((entry) => entry.key === "GoogleOAuth").length;
  await until("seven days have gone by", () => looksSoFar() >= looks, LONG_TEST_MS);
  const events = await eventsOf(run);
  expect(events).toBeLessThan(50);
  recordFigures("seven days at the gate", { looks: looksSoFar(), events });
  enterInDashboard(stage, "Google");
  enterInDashboard(stage, "SignInWithApple");
  await auditRun(stage, await run.result());
  await worker.end("SIGTERM");
  await temporal.stop();
});

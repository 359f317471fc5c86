import { expect, test } from "vitest";
import { pauseUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { auditRun } from "../faults/audit.ts";
import { creates, FAST_PACE, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";

test("a resume right after a pause waits for calls in flight", async () => {
  // Batches of six, four of them at work.
  const stage = await setStage({
    users: 60,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 0.1 } },
  });
  // Some batches end their calls long after others.
  stage.workos.faults.add({
    match: { operation: "createUser", after: 4 },
    times: 8,
    effect: { kind: "delay", ms: 5_000 },
  });
  stage.startWorker();
  const run = await stage.start();
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 20 }] });
  await until("slow calls are in flight", () => creates(stage.workos).length > 10);
  await run.executeUpdate(pauseUpdate);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
  expect(creates(stage.workos)).toHaveLength(60);
});

import { expect, test } from "vitest";
import { resumeUpdate } from "../../src/workflows/messages.ts";
import { until } from "../faults/until.ts";
import { StandStill, startFakeRun } from "./fake-run.ts";
import { TOTALS } from "./opened.ts";

const MAILS = 1_120;

test("mails are counted while their batch is at work, and a pause ends it at once", async () => {
  const batch = new StandStill();
  let done = 0;
  const totals = () => ({ ...TOTALS, done, of: MAILS });
  const run = await startFakeRun({
    nextResets: async () =>
      done === MAILS
        ? { status: "complete", totals: totals() }
        : { status: "send", from: 1, to: MAILS, dueByMs: 1, ahead: MAILS, isCanary: false, totals: totals() },
    async sendResets() {
      await batch.stand();
      done = MAILS;
      return { status: "sent", totals: totals(), waitMs: 0, why: "" };
    },
    async countPhase() {
      done += 40;
      return totals();
    },
  });
  const mailed = async () =>
    (await run.progress()).phases.find(({ phase }) => phase === "resets")?.totals.done ?? 0;
  await batch.begun;
  await until("it was counted", async () => (await mailed()) >= 40);
  expect(await run.details()).toMatch(/resets[^\n]*1,120/);
  expect(run.calls("sendResets")).toHaveLength(1);
  await run.handle.executeUpdate("pause");
  await run.shows("Paused");
  batch.letGo();
  await run.handle.executeUpdate(resumeUpdate, { args: [undefined] });
  await run.handle.result();
  expect(await mailed()).toBe(MAILS);
});

import { expect, test } from "vitest";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { FILE, SEVERAL, tenants } from "./changing-pool.ts";
import { again } from "./migrated.ts";
import { progressOf, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** The destination's record of mails shows them a minute late at the latest: a campaign after an undo waits for that. */

/** A run that goes on to its mails when it waits for a word about them. */
async function approved(stage: Stage) {
  const run = await stage.start();
  const ended = run.result();
  await Promise.race([
    ended,
    until("it waits", async () => (await progressOf(run)).waitsFor?.code === "approval_resets", 60_000).then(
      () => run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] }),
    ),
  ]);
  return ended;
}

test("whoever was mailed before an undo is mailed for the account that a later migration gives them", {
  timeout: 180_000,
}, async () => {
  const passwordResets = { send: true, canary: 0, perSecond: 100 };
  const stage = await setStage({ pool: tenants(8), file: { ...FILE, passwordResets }, workos: SEVERAL });
  await stage.work();
  expect((await approved(stage)).mails?.mailed).toBe(8);
  expect((await again(stage)).mails?.mailed).toBe(0);
  expect((await (await stage.undo()).result()).mailed).toBe(8);
  expect((await approved(stage)).mails?.mailed).toBe(8);
  // One for each account that there was.
  const mails = stage.workos.journal.entries.filter(
    ({ operation, status }) => operation === "createPasswordReset" && status === 201,
  );
  expect(mails).toHaveLength(16);
});

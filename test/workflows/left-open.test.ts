import { WorkflowFailedError } from "@temporalio/client";
import { expect, test } from "vitest";
import { startFakeRun } from "./fake-run.ts";

const close = async () => ({ listed: 300, imported: 20, merged: 0, skipped: 24, failed: 0, open: 256 });

test("a run after which people have no outcome fails in words: nobody takes it for done", async () => {
  const { handle, progress } = await startFakeRun({ close });
  const error = await handle.result().then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect(error).toMatchObject({
    cause: {
      type: "people_open",
      message: expect.stringMatching(/^The run is over, and 256 people have no/),
    },
  });
  expect((await progress()).state).not.toBe("Done");
});

test("after a dry run nobody has an outcome, and it is done", async () => {
  const { handle, progress } = await startFakeRun({ close }, { dryRun: true });
  expect(await handle.result()).toMatchObject({ open: 256 });
  expect((await progress()).state).toBe("Done");
});

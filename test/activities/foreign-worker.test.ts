import { asyncLocalStorage, Context } from "@temporalio/activity";
import { expect, test } from "vitest";
import { createActivities } from "../../src/activities/create-activities.ts";
import type { Deps } from "../../src/activities/deps.ts";
import type { RunRef } from "../../src/domain/contract.ts";

const RUN: RunRef = {
  ledgerId: "own",
  destinationKind: "workos",
  environment: "client_production",
  migrationId: 1,
  generation: 1,
  firstRunId: "run",
};

/** A worker that can be asked who it is, and fails a test that makes it touch anything. */
function workerOf(ledgerId: string, environment: string | null): Deps {
  const known: Partial<Deps> = {
    identity: `1@a-host ledger=${ledgerId}`,
    // Only its id is read.
    ledger: { id: ledgerId } as Deps["ledger"],
    environmentOf: () => environment,
  };
  // Whatever else is asked for is the mistake that the test looks for.
  return new Proxy(known as Deps, {
    get(target, name) {
      if (name in target) return Reflect.get(target, name);
      throw new Error(`It touched ${String(name)}.`);
    },
  });
}

/** What Temporal would call, with what a heartbeat needs of it. */
function call(activity: (input: never) => Promise<unknown>): Promise<unknown> {
  const context = Object.assign(Object.create(Context.prototype), {
    info: { currentAttemptScheduledTimestampMs: 1 },
    cancellationSignal: new AbortController().signal,
    heartbeat: () => undefined,
  });
  const input = { run: RUN, phase: "users", sentence: "", accepted: [] };
  return asyncLocalStorage.run(context, () => activity(input as never));
}

test.each([
  ["another ledger", workerOf("other", "client_production")],
  ["another environment", workerOf("own", "client_staging")],
  ["no settings for the destination", workerOf("own", null)],
])("a worker with %s does nothing in any activity", async (_, deps) => {
  const {
    open: _open,
    openUndo: _openUndo,
    openVerify: _openVerify,
    openRedrive: _openRedrive,
    alert,
    disown,
    ...others
  } = createActivities(deps);
  for (const [name, activity] of Object.entries(others))
    expect(await call(activity), name).toMatchObject({
      status: "blocked",
      code: "foreign_worker",
      retries: null,
      sentence: expect.stringContaining(
        `(it is ${deps.identity}; the run has ledger=own workos=client_production)`,
      ),
    });
  for (const activity of [alert, disown])
    await expect(call(activity)).rejects.toMatchObject({ name: "ForeignWorkerError" });
});

test("a worker of the run's own goes to work", async () => {
  const { assess } = createActivities(workerOf("own", "client_production"));
  await expect(call(assess)).rejects.toThrow(/ledger.session is not a function/);
});

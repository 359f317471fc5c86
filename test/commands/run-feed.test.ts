import { type Client, WorkflowFailedError, WorkflowNotFoundError } from "@temporalio/client";
import { CancelledFailure } from "@temporalio/common";
import { expect, test } from "vitest";
import { RunFeed } from "../../src/commands/run-feed.ts";
import { type Phase, phasesOf } from "../../src/domain/phases.ts";
import type { LiveTotals } from "../../src/ledger/live-totals.ts";
import type { ProgressAnswer } from "../../src/workflows/messages.ts";

const SOME: LiveTotals = { done: 3, failed: 0, skipped: 1, of: 4 };
/** Of this run, and of what an earlier run left in the ledger. */
const LIVE = { credentials: SOME, snapshot: SOME, plan: SOME, users: SOME };
const PROGRAM = phasesOf({ dryRun: false, isPilot: false, sendsResets: false });

type Told = Pick<ProgressAnswer, "phase"> & { told: readonly Phase[]; command?: string };
type Run = Told | "no worker" | "ended" | "cancelled";

const STATUS = { ended: "COMPLETED", cancelled: "CANCELED", "no worker": "RUNNING" };
const FIRST_RUN_ID = "first";
const NEWEST_RUN_ID = "newest";
const DESCRIBED = { type: "migrateUserPool", taskQueue: "spillway-82fa5d24" };
const LEDGER_ID = "ledger";
const CANCELLED = new CancelledFailure("The run was cancelled.");

/** A feed of a run that works and has told so much, or of one that tells nothing. The ledger is `owner`'s. */
function feedOf(
  run: Run,
  owner: string | null = null,
  ledgerId = LEDGER_ID,
  program: readonly Phase[] | null = null,
  firstRunId: string | null = null,
): RunFeed {
  const handle = {
    workflowId: "migrate-eu-west-1_a",
    describe: async () => ({
      ...DESCRIBED,
      status: { name: typeof run === "string" ? STATUS[run] : "RUNNING" },
      runId: NEWEST_RUN_ID,
      raw: { workflowExecutionInfo: { firstRunId: FIRST_RUN_ID } },
    }),
    result: async () => {
      if (run === "cancelled")
        throw new WorkflowFailedError("Workflow execution cancelled", CANCELLED, "NON_RETRYABLE_FAILURE");
      return {
        listed: 4,
        imported: 3,
        merged: 0,
        skipped: 1,
        failed: 0,
        open: 0,
        resets: null,
        ledgerId: LEDGER_ID,
      };
    },
    query: async (): Promise<Partial<ProgressAnswer>> => {
      if (typeof run === "string") throw new Error("Nobody answers.");
      const phases = run.told.map((phase) => ({ phase, totals: SOME }));
      const { phase, command } = run;
      const steps = command === undefined ? [] : [{ to: null, command }];
      const waitsFor = command === undefined ? null : { code: "ledger_owned", sentence: "", command, steps };
      return { state: "Running", phase, ledgerId: LEDGER_ID, program, waitsFor, phases };
    },
  };
  // Earlier executions of the run are deleted, after the namespace's retention.
  const forgotten = async () => {
    throw new WorkflowNotFoundError("workflow not found", handle.workflowId, FIRST_RUN_ID);
  };
  // As much of Temporal's client as a feed asks.
  const client = {
    workflow: {
      getHandle: (_id: string, runId: string = NEWEST_RUN_ID) =>
        runId === NEWEST_RUN_ID ? handle : { ...handle, result: forgotten },
    },
    withDeadline: (_until: number, ask: () => unknown) => ask(),
  } as unknown as Client;
  const live = {
    totals: LIVE,
    ledgerId,
    run: owner === null ? null : { firstRunId: owner, phases: program ?? PROGRAM },
  };
  return new RunFeed(
    client,
    "localhost:7233",
    handle.workflowId,
    async () => live,
    firstRunId,
    "/tmp/pilot.json",
  );
}

async function answered(command: string) {
  const { standing } = await feedOf({ phase: "assess", told: [], command }).look();
  return standing.kind === "running" ? standing.answer.waitsFor : null;
}

async function shown(phase: Phase, told: readonly Phase[]): Promise<string[]> {
  return Object.keys((await feedOf({ phase, told }).look()).totals);
}

test("a pilot at the gate shows what it has read and planned before", async () => {
  const told: Phase[] = ["assess", "credentials", "snapshot", "plan"];
  expect(await shown("credentials", told)).toEqual(told);
});

test("a pilot that reads the pool shows nothing of the gate yet, where an earlier run stood", async () => {
  expect(await shown("snapshot", ["assess"])).toEqual(["assess", "snapshot"]);
});

test("what an earlier run left of phases to come is not shown", async () => {
  expect(await shown("credentials", ["assess"])).toEqual(["assess"]);
  expect(await shown("plan", ["assess", "credentials", "snapshot"])).toEqual([
    "assess",
    "credentials",
    "snapshot",
    "plan",
  ]);
});

test("of a run that has ended no phase is shown as not begun", async () => {
  expect((await feedOf("ended").look()).phases).toEqual(["credentials", "snapshot", "plan", "users"]);
});

test("a run whose first execution Temporal has deleted is followed to its end", async () => {
  for (const firstRunId of [null, FIRST_RUN_ID])
    expect((await feedOf("ended", null, LEDGER_ID, null, firstRunId).look()).standing).toMatchObject({
      kind: "done",
      summary: { imported: 3 },
    });
});

test("the command that answers leads to the server that was asked, wherever the run began and also where it names none", async () => {
  const words = "./temporal workflow start";
  const command = `${words} --address localhost:7233 --namespace default --workflow-id w`;
  for (const address of ["", " --address 127.0.0.1:4711"]) {
    const told = await answered(`${words}${address} --namespace default --workflow-id w`);
    expect(told).toMatchObject({ command, steps: [{ command }] });
  }
});

test("the command that answers names the file that was given, which the run does not know", async () => {
  expect(await answered("./spillway migrate migration.json --restart")).toMatchObject({
    command: "./spillway migrate /tmp/pilot.json --restart",
    steps: [{ command: "./spillway migrate /tmp/pilot.json --restart" }],
  });
});

test("one place alone says how many: the answer of the run holds no counts of its own", async () => {
  const { standing } = await feedOf({ phase: "users", told: ["users"] }).look();
  expect(standing).toMatchObject({ kind: "running", answer: { phase: "users" } });
  expect(standing).not.toHaveProperty("answer.phases");
});

test("a run that no worker answers for is told apart, with what the ledger has of it", async () => {
  expect(await feedOf("no worker", FIRST_RUN_ID).look()).toEqual({
    standing: { kind: "no_worker", ...{ workflowId: "migrate-eu-west-1_a", ...DESCRIBED } },
    totals: LIVE,
    coming: {},
    phases: PROGRAM,
    isOtherLedger: false,
  });
  // What the ledger has is an earlier run's.
  expect((await feedOf("no worker", "earlier").look()).totals).toEqual({});
  expect((await feedOf("no worker").look()).totals).toEqual({});
});

test("what phases to come have to do is told where the ledger is the run's", async () => {
  const at = { phase: "structure", told: ["assess"] } as const;
  expect((await feedOf(at, FIRST_RUN_ID).look()).coming).toEqual({ users: SOME });
  expect((await feedOf(at, "earlier").look()).coming).toEqual({});
});

test("the counts of a ledger that is not the run's are not shown as the run's, and it is told", async () => {
  const told: Phase[] = ["assess", "snapshot"];
  const theirs = await feedOf({ phase: "plan", told }, null, "another ledger").look();
  expect(theirs).toMatchObject({ isOtherLedger: true, totals: { assess: SOME, snapshot: SOME } });
  expect(theirs.totals).not.toHaveProperty("plan");
  expect((await feedOf({ phase: "plan", told }).look()).isOtherLedger).toBe(false);
  // A run that is over tells it, too.
  expect(await feedOf("ended", null, "another ledger").look()).toMatchObject({
    isOtherLedger: true,
    totals: {},
  });
});

test("of a run that was cancelled stands what it did, and how to go on", async () => {
  const { standing, totals, phases } = await feedOf("cancelled", FIRST_RUN_ID).look();
  expect(standing).toMatchObject({
    kind: "failed",
    sentence:
      "The run was cancelled. What it did stands: `./spillway report --out report` lists it, and the next run goes on from there (`./spillway migrate FILE`, or the command that began this one).",
  });
  expect(totals).toEqual(LIVE);
  expect(phases).toEqual(["credentials", "snapshot", "plan", "users"]);
});

test("of a run with another program than a migration's, nothing is shown of other phases", async () => {
  const kind = { dryRun: false, isPilot: false, sendsResets: false };
  const verify = phasesOf({ ...kind, mode: "verify" });
  const told = await feedOf({ phase: "verify", told: ["assess"] }, FIRST_RUN_ID, LEDGER_ID, verify).look();
  expect(told).toMatchObject({ phases: verify, totals: { assess: SOME } });
  expect(Object.keys(told.totals)).toEqual(["assess"]);
  const silent = await feedOf("no worker", FIRST_RUN_ID, LEDGER_ID, verify).look();
  expect(silent).toMatchObject({ phases: verify, totals: {} });
  expect(silent.totals).not.toHaveProperty("users");

  const undo = phasesOf({ ...kind, mode: "undo" });
  const at = await feedOf({ phase: "credentials", told: ["users"] }, null, LEDGER_ID, undo).look();
  expect(Object.keys(at.totals)).toEqual(["plan", "users", "credentials"]);
});

import type { Client } from "@temporalio/client";
import { expect, test } from "vitest";
import { RunFeed } from "../../src/commands/run-feed.ts";
import type { Phase } from "../../src/domain/phases.ts";
import type { LiveTotals } from "../../src/ledger/live-totals.ts";
import type { ProgressAnswer } from "../../src/workflows/messages.ts";

const SOME: LiveTotals = { done: 3, failed: 0, skipped: 1, of: 4 };
/** Of this run, and of what an earlier run left in the ledger. */
const LIVE = { credentials: SOME, snapshot: SOME, plan: SOME, users: SOME };

type Told = Pick<ProgressAnswer, "phase"> & { told: readonly Phase[]; command?: string };

/** A feed of a run that works and has told so much, or of one that has ended. */
function feedOf(run: Told | "ended"): RunFeed {
  const handle = {
    workflowId: "migrate-eu-west-1_a",
    describe: async () => ({ status: { name: run === "ended" ? "COMPLETED" : "RUNNING" } }),
    result: async () => ({ listed: 4, imported: 3, merged: 0, skipped: 1, failed: 0, open: 0, resets: null }),
    query: async (): Promise<Partial<ProgressAnswer>> => {
      if (run === "ended") throw new Error("Nobody answers.");
      const phases = run.told.map((phase) => ({ phase, totals: SOME }));
      const { phase, command } = run;
      const steps = command === undefined ? [] : [{ to: null, command }];
      const waitsFor = command === undefined ? null : { code: "ledger_owned", sentence: "", command, steps };
      return { state: "Running", phase, program: null, waitsFor, phases };
    },
  };
  // As much of Temporal's client as a feed asks.
  const client = {
    workflow: { getHandle: () => handle },
    withDeadline: (_until: number, ask: () => unknown) => ask(),
  } as unknown as Client;
  return new RunFeed(client, "localhost:7233", handle.workflowId, async () => LIVE);
}

async function answered(command: string) {
  const { standing } = await feedOf({ phase: "assess", told: [], command }).look();
  return standing.kind === "running" ? standing.answer?.waitsFor : null;
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

test("the command that answers leads to the server that was asked, wherever the run began and also where it names none", async () => {
  const words = "./temporal workflow update execute";
  const command = `${words} --address localhost:7233 --namespace default --workflow-id w --name resume`;
  for (const address of ["", " --address 127.0.0.1:4711"]) {
    const told = await answered(`${words}${address} --namespace default --workflow-id w --name resume`);
    expect(told).toMatchObject({ command, steps: [{ command }] });
  }
});

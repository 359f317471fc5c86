import { randomUUID } from "node:crypto";
import { Context } from "@temporalio/activity";
import {
  Client,
  Connection,
  type WorkflowHandle,
  type WorkflowHandleWithFirstExecutionRunId,
} from "@temporalio/client";
import { DefaultLogger, NativeConnection, Runtime, Worker } from "@temporalio/worker";
import { inject, onTestFinished } from "vitest";
import type { Activities } from "../../src/activities/create-activities.ts";
import type { Opened, RunSummary } from "../../src/domain/contract.ts";
import type { WorkflowType } from "../../src/domain/workflow-id.ts";
import { withPulse } from "../../src/engine/heartbeat.ts";
import { workflowBundle } from "../../src/temporal/workflow-bundle.ts";
import { type ProgressAnswer, progressQuery } from "../../src/workflows/messages.ts";
import { until } from "../faults/until.ts";
import { OPENED, TOTALS } from "./opened.ts";

Runtime.install({ logger: new DefaultLogger("ERROR") });

/** The real workflow on the real server, and activities that say what a test wants them to say. */
export interface FakeRun {
  handle: WorkflowHandleWithFirstExecutionRunId<(file: unknown) => Promise<RunSummary>>;
  client: Client;
  /** The inputs of an activity's calls, so far. */
  calls(name: keyof Activities): readonly Input[];
  progress(): Promise<ProgressAnswer>;
  /** Waits until the run shows this. */
  shows(state: ProgressAnswer["state"], code?: string): Promise<ProgressAnswer>;
  /** What the Temporal UI shows. */
  details(): Promise<string>;
  /** Waits until the workflow has answered all that happened, and gives its history's events. */
  settled(): Promise<Events>;
}

type Input = Readonly<Record<string, unknown>>;
type Events = NonNullable<Awaited<ReturnType<WorkflowHandle["fetchHistory"]>>["events"]>;

const complete = async () => ({ status: "complete" as const, totals: TOTALS });

const NONE = { removed: 0, restored: 0, kept: {}, failed: {} };
const NOTHING_UNDONE = {
  user: NONE,
  organization: NONE,
  role: NONE,
  membership: NONE,
  connection: NONE,
  redirect_uri: NONE,
  application: NONE,
};

/** Nothing to do anywhere. */
const IDLE: Activities = {
  open: async ({ file }) => ({ ...OPENED, ...(file as Partial<Opened>) }),
  openUndo: async () => ({ ...OPENED, mode: "undo" }),
  openVerify: async () => ({ ...OPENED, mode: "verify" }),
  beginVerify: complete,
  verifyAlone: complete,
  closeVerify: async () => ({ mode: "verify", ledgerId: "", people: 0, differences: 0 }),
  openRedrive: async () => ({ ...OPENED, mode: "redrive" }),
  planRedrive: complete,
  closeRedrive: async () => ({
    mode: "redrive",
    ledgerId: "",
    environment: "",
    tried: 0,
    changed: 0,
    failed: 0,
    people: { listed: 0, imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 },
    mails: null,
    differences: null,
  }),
  assessUndo: complete,
  planUndo: complete,
  closeUndo: async () => ({ mode: "undo", ledgerId: "", of: NOTHING_UNDONE, mailed: 0, secretsKept: 0 }),
  alert: async () => undefined,
  disown: async () => undefined,
  assess: complete,
  credentials: complete,
  awaitProviders: async () => ({ status: "gate", missing: [], totals: TOTALS }),
  snapshot: complete,
  plan: complete,
  findOpenWork: async () => ({ status: "work", ranges: [], totals: TOTALS }),
  sendBatch: complete,
  nextResets: complete,
  sendResets: async () => ({ status: "sent", totals: TOTALS, waitMs: 0, why: "" }),
  verify: complete,
  report: complete,
  close: async () => ({ listed: 0, imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 }),
  countPhase: async () => TOTALS,
  setPace: async () => undefined,
  prepareResume: async () => ({ reopened: 0 }),
};

/** `file` reaches `open`, which answers with what it says of the kind of run. */
export async function startFakeRun(
  fakes: Partial<Activities> = {},
  file: Partial<Opened> = {},
  address: string = inject("temporalAddress"),
  workflowType: WorkflowType = "migrateUserPool",
): Promise<FakeRun> {
  const taskQueue = `fake-${randomUUID()}`;
  const calls = new Map<string, Input[]>();
  const activities = Object.entries({ ...IDLE, ...fakes }).map(([name, activity]) => [
    name,
    (input: Input) => {
      calls.set(name, [...(calls.get(name) ?? []), input]);
      // Each fake is called with the input of its own name.
      return withPulse(() => (activity as (input: Input) => Promise<unknown>)(input));
    },
  ]);
  const native = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection: native,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: Object.fromEntries(activities),
    maxHeartbeatThrottleInterval: 100,
    defaultHeartbeatThrottleInterval: 100,
    shutdownForceTime: 1_000,
  });
  const ended = worker.run();
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  const handle = await client.workflow.start<(file: unknown) => Promise<RunSummary>>(workflowType, {
    workflowId: taskQueue,
    taskQueue,
    args: [file],
  });
  onTestFinished(async () => {
    await handle.terminate().catch(() => undefined);
    worker.shutdown();
    await ended;
    await connection.close();
    await native.close();
  });
  const progress = () => handle.query(progressQuery);
  return {
    handle,
    client,
    calls: (name) => calls.get(name) ?? [],
    progress,
    shows: (state, code) =>
      until(`the run shows ${state} ${code ?? ""}`, async () => {
        const answer = await progress();
        const isIt = answer.state === state && (code === undefined || answer.waitsFor?.code === code);
        return isIt ? answer : null;
      }),
    async details() {
      const metadata = await handle.query<{ currentDetails: string }>("__temporal_workflow_metadata");
      return metadata.currentDetails;
    },
    settled: () =>
      until("the workflow has answered", async () => {
        const { events } = await handle.fetchHistory();
        const last = events?.at(-1);
        const isAnswered =
          last?.workflowTaskCompletedEventAttributes != null ||
          last?.upsertWorkflowSearchAttributesEventAttributes != null;
        return isAnswered ? (events ?? null) : null;
      }),
  };
}

/** Work that begins and stands still, until the test lets it go or Temporal cancels it. */
export class StandStill {
  readonly #begun = Promise.withResolvers<void>();
  readonly #letGo = Promise.withResolvers<void>();

  /** Resolves once it is at work. */
  readonly begun = this.#begun.promise;

  letGo(): void {
    this.#letGo.resolve();
  }

  /** For an activity: rejects when it is cancelled, unless it heeds nothing. */
  async stand(heeds: "cancellation" | "nothing" = "cancellation"): Promise<void> {
    this.#begun.resolve();
    const { cancelled } = Context.current();
    await (heeds === "nothing" ? this.#letGo.promise : Promise.race([this.#letGo.promise, cancelled]));
  }
}

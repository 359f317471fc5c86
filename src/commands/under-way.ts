import { type Client, WorkflowNotFoundError } from "@temporalio/client";
import { defaultPayloadConverter } from "@temporalio/common";
import type { Opened } from "../domain/contract.ts";
import { environmentIn } from "../domain/migration/place.ts";
import { workflowIdOf } from "../domain/workflow-id.ts";
import { firstRunIdOf } from "../temporal/first-run-id.ts";

/** A run of a pool that is under way, as it was when it was looked at. */
export interface UnderWay {
  workflowId: string;
  /** Of its newest execution: Temporal may have deleted the first one. */
  runId: string;
  firstRunId: string;
  /** Its work is on its queue, wherever it was started. */
  taskQueue: string;
  type: string;
  /** Somebody has cancelled it already: it ends as soon as a worker works it. */
  isCancelled: boolean;
  /** What it was started with, as it was written. */
  input(): Promise<unknown>;
  /** Nulls where it has not opened its ledger yet. */
  place(): Promise<PlaceOfRun>;
}

/** Where a run's people go, and by which ledger. */
export interface PlaceOfRun {
  ledgerId: string | null;
  environment: string | null;
}

/** Null where none is under way. */
export async function runUnderWay(client: Client, userPoolId: string): Promise<UnderWay | null> {
  const run = await client.workflow
    .getHandle(workflowIdOf(userPoolId))
    .describe()
    .catch((error) => {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    });
  if (run?.status.name !== "RUNNING") return null;
  const { taskQueue, type, workflowId, runId } = run;
  const isCancelled = run.raw.workflowExtendedInfo?.cancelRequested ?? false;
  let told: Promise<Told> | undefined;
  const tell = () => (told ??= toldBy(client, { workflowId, runId }));
  return {
    ...{ taskQueue, type, workflowId, runId, firstRunId: firstRunIdOf(run), isCancelled },
    input: async () => (await tell()).input,
    place: async () => (await tell()).place,
  };
}

interface Told {
  input: unknown;
  place: PlaceOfRun;
}

/** A run opens its ledger with its first activity, or the execution before it has. */
const FIRST_EVENTS = 200;

/** By its history: a worker that would answer may not be there. */
async function toldBy(client: Client, execution: { workflowId: string; runId: string }): Promise<Told> {
  const { namespace } = client.options;
  const request = { namespace, execution, maximumPageSize: FIRST_EVENTS };
  const { history } = await client.workflowService.getWorkflowExecutionHistory(request);
  const events = history?.events ?? [];
  const [input, carried] = valuesOf(events[0]?.workflowExecutionStartedEventAttributes?.input);
  const answers = events.flatMap((event) => valuesOf(event.activityTaskCompletedEventAttributes?.result));
  const opened = [openedIn(carried), ...answers].find(isOpened);
  const { ledgerId = null, environment = environmentIn(input) } = opened?.run ?? {};
  return { input, place: { ledgerId, environment } };
}

type Payloads = Parameters<typeof defaultPayloadConverter.fromPayload>[0][];

function valuesOf(payloads: { payloads?: Payloads | null } | null | undefined): unknown[] {
  return (payloads?.payloads ?? []).map((payload) => defaultPayloadConverter.fromPayload(payload));
}

/** What a workflow carries into its next execution holds what it has opened. */
function openedIn(carried: unknown): unknown {
  return typeof carried === "object" && carried !== null && "opened" in carried ? carried.opened : undefined;
}

function isOpened(value: unknown): value is Pick<Opened, "run"> {
  return (
    typeof value === "object" &&
    value !== null &&
    "run" in value &&
    typeof value.run === "object" &&
    value.run !== null &&
    "ledgerId" in value.run
  );
}

import type { Client } from "@temporalio/client";
import { defaultPayloadConverter } from "@temporalio/common";
import type { BatchInput } from "../../src/domain/contract.ts";

type Handle = ReturnType<Client["workflow"]["getHandle"]>;
type History = Awaited<ReturnType<Handle["fetchHistory"]>>;
type Event = NonNullable<History["events"]>[number];

export interface Span {
  startMs: number;
  endMs: number;
}

export interface RunHistory {
  /** Over all runs of the chain. */
  events: number;
  /** From its first schedule to its last completion, by the activity's name; batches by their phase. */
  activities: Map<string, Span & { times: number }>;
  whole: Span;
}

/** Reads the histories of a finished run, across continue-as-new. */
export async function readHistory(
  client: Client,
  workflowId: string,
  firstRunId: string,
): Promise<RunHistory> {
  const events: Event[] = [];
  const activities: RunHistory["activities"] = new Map();
  for (let runId: string | null | undefined = firstRunId; runId; ) {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    addActivities(activities, history.events ?? []);
    events.push(...(history.events ?? []));
    runId = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return {
    events: events.length,
    activities,
    whole: { startMs: timeOf(events[0]), endMs: timeOf(events.at(-1)) },
  };
}

function addActivities(activities: RunHistory["activities"], events: readonly Event[]): void {
  const scheduled = new Map<string, { name: string; atMs: number }>();
  for (const event of events) {
    const name = nameOf(event);
    if (name !== null) scheduled.set(String(event.eventId), { name, atMs: timeOf(event) });
    const completed = event.activityTaskCompletedEventAttributes;
    const begun = completed == null ? undefined : scheduled.get(String(completed.scheduledEventId));
    if (begun === undefined) continue;
    const span = activities.get(begun.name) ?? { startMs: begun.atMs, endMs: 0, times: 0 };
    activities.set(begun.name, {
      startMs: Math.min(span.startMs, begun.atMs),
      endMs: Math.max(span.endMs, timeOf(event)),
      times: span.times + 1,
    });
  }
}

function nameOf({ activityTaskScheduledEventAttributes: scheduled }: Event): string | null {
  const name = scheduled?.activityType?.name ?? null;
  const input = scheduled?.input?.payloads?.[0];
  if (name !== "sendBatch" || input == null) return name;
  return defaultPayloadConverter.fromPayload<BatchInput>(input).phase;
}

function timeOf(event: Event | undefined): number {
  const { seconds, nanos } = event?.eventTime ?? {};
  return Number(seconds ?? 0) * 1_000 + (nanos ?? 0) / 1_000_000;
}

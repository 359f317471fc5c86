import type { Context } from "@temporalio/activity";
import {
  type ActivityInboundCallsInterceptor,
  type NativeConnection,
  Runtime,
  Worker,
} from "@temporalio/worker";
import { createActivities } from "../activities/create-activities.ts";
import type { Deps } from "../activities/deps.ts";
import { toCode } from "../activities/failures.ts";
import type { RunRef } from "../domain/contract.ts";
import { beginAtZero } from "../engine/metrics.ts";
import { workflowBundle } from "./workflow-bundle.ts";

/** After a kill, the dead worker's sticky queue is given up this soon (10 s by default). */
const STICKY_TIMEOUT_MS = 1_000;
/** Heartbeats are sent at least this often: what tells a worker that its attempt was cancelled. */
const HEARTBEAT_THROTTLE_MS = 1_000;
/** Batches put back what is open as soon as they hear of the shutdown; none needs longer than a call. */
const SHUTDOWN_FORCE_MS = 20_000;
/** A worker that was stopped goes on swallowing one task per open poll, each for a heartbeat timeout. */
const ACTIVITY_POLLS = 1;
/** One for the sticky queue, one for the common one: the least that is allowed. */
const WORKFLOW_POLLS = 2;
/** Pools migrated at once times the window of batches, and room for the rest. */
const MAX_ACTIVITIES = 40;

export async function createWorker(
  connection: NativeConnection,
  namespace: string,
  taskQueue: string,
  deps: Deps,
): Promise<Worker> {
  beginAtZero(Runtime.instance().metricMeter.withTags({ namespace, taskQueue }));
  return Worker.create({
    connection,
    identity: deps.identity,
    namespace,
    taskQueue,
    workflowBundle: await workflowBundle(),
    activities: createActivities(deps),
    interceptors: { activity: [(context) => ({ inbound: failureBoundary(deps, context) })] },
    stickyQueueScheduleToStartTimeout: STICKY_TIMEOUT_MS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES,
    activityTaskPollerBehavior: { type: "simple-maximum", maximum: ACTIVITY_POLLS },
    workflowTaskPollerBehavior: { type: "simple-maximum", maximum: WORKFLOW_POLLS },
    shutdownForceTime: SHUTDOWN_FORCE_MS,
  });
}

/** Nothing but codes leaves an activity that fails. */
function failureBoundary(deps: Deps, context: Context): ActivityInboundCallsInterceptor {
  return {
    async execute(input, next) {
      try {
        return await next(input);
      } catch (error) {
        return toCode(deps, context, runOf(input.args[0]), error);
      }
    },
  };
}

function runOf(input: unknown): RunRef | null {
  if (typeof input !== "object" || input === null || !("run" in input)) return null;
  // Our own workflow put it there.
  return input.run as RunRef;
}

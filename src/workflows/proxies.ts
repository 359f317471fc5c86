import { ActivityCancellationType, proxyActivities } from "@temporalio/workflow";
import type { Activities } from "../activities/create-activities.ts";
import { HEARTBEAT_TIMEOUT_MS } from "../domain/contract.ts";

/** No bound on work that proves its life by heartbeats: a slow pace may stretch a batch over hours. */
const START_TO_CLOSE_TIMEOUT_MS = 7 * 24 * 60 * 60 * 1_000;
/** After a kill the next attempt waits at most this long beyond the heartbeat timeout. */
const RETRY = { initialInterval: 500, maximumInterval: 2_000, backoffCoefficient: 2 };
const TELL_TIMEOUT_MS = 15_000;
/** Enough to pass by workers of another ledger, which tell nobody. */
const TELL_ATTEMPTS = 6;

export const activities = proxyActivities<Activities>({
  heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
  startToCloseTimeout: START_TO_CLOSE_TIMEOUT_MS,
  // An old attempt that still works beside a new one would repeat its calls.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: RETRY,
});

/** Telling somebody is worth a few tries and never holds a run up, nor its end. */
export const telling = proxyActivities<Pick<Activities, "alert" | "countPhase" | "disown">>({
  startToCloseTimeout: TELL_TIMEOUT_MS,
  heartbeatTimeout: TELL_TIMEOUT_MS,
  retry: { ...RETRY, maximumAttempts: TELL_ATTEMPTS },
});

import { createHash } from "node:crypto";
import { ApplicationFailure, CancelledFailure } from "@temporalio/activity";
import { ApplicationFailureCategory } from "@temporalio/common";
import { DeadTokenError } from "../cognito/read-configuration.ts";
import { type BlockedCode, blocked } from "../domain/blocked.ts";
import type { Blocked, RunRef } from "../domain/contract.ts";
import { RangeStillOpenError } from "../engine/batch/batch.ts";
import { ParkedError } from "../engine/parked.ts";
import { FencedError, LedgerError, type LedgerProblem } from "../ledger/errors.ts";
import { countFailure, OF_NO_MIGRATION } from "../ledger/failures.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { StillWaitingError } from "./credentials/await-providers.ts";
import { ConfigurationError, type Deps } from "./deps.ts";
import { ForeignWorkerError } from "./foreign-worker.ts";

/** An activity that fails this often in the same unexpected way parks the run. */
const MAX_UNEXPECTED = 5;
/** What only a person can mend. The other problems of a ledger are waited for, as long as they last. */
const PARKING: readonly (BlockedCode & LedgerProblem)[] = [
  "ledger_full",
  "ledger_not_writable",
  "ledger_broken",
  "ledger_newer",
  "ledger_unsuitable",
];

/** What is asked of an activity's context here. */
export interface FailedAttempt {
  readonly info: { readonly activityType: string; readonly attempt: number };
  readonly cancellationSignal: AbortSignal;
}

/**
 * The boundary between activities and Temporal: nothing but a code passes it, because messages, causes and stacks
 * may hold personal data. What an operator has to mend becomes a `Blocked` result; what time may mend is thrown
 * as a code and tried again; what nobody expected is kept in the ledger in full, and parks the run if it comes back.
 */
export async function toCode(
  { ledger, identity }: Pick<Deps, "identity"> & { ledger: Pick<Ledger, "write"> },
  context: FailedAttempt,
  run: RunRef | null,
  error: unknown,
): Promise<Blocked> {
  if (error instanceof CancelledFailure) throw error;
  if (context.cancellationSignal.aborted) throw cancellationOf(context);
  if (error instanceof FencedError) throw retryable("fenced");
  if (error instanceof RangeStillOpenError) throw retryable("range_still_open");
  if (error instanceof ParkedError) return error.reason;
  if (error instanceof StillWaitingError) throw laterOn(error);
  if (error instanceof DeadTokenError)
    return blocked("source_refused", { detail: `${error.message}: its page tokens keep dying` });
  if (error instanceof ForeignWorkerError) throw retryable("foreign_worker");
  if (error instanceof ConfigurationError)
    return blocked("configuration", { detail: `${error.message} It is ${identity}` });
  if (error instanceof LedgerError && error.problem !== "ledger_slow") return ofLedger(error);
  return counted(ledger, context, run, error);
}

/** A sentence of Spillway's own, which holds no personal data: it is all that an operator sees while it lasts. */
function ofLedger({ problem, message }: LedgerError): Blocked {
  const parking = PARKING.find((code) => code === problem);
  if (parking !== undefined) return blocked(parking);
  throw ApplicationFailure.retryable(message, problem);
}

/** Tried again, and parked when it keeps coming back. */
async function counted(
  ledger: Pick<Ledger, "write">,
  context: FailedAttempt,
  run: RunRef | null,
  error: unknown,
): Promise<Blocked> {
  const isSlow = error instanceof LedgerError;
  const cause = isSlow ? error.cause : error;
  const detail = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const signature = isSlow
    ? error.problem
    : createHash("sha256").update(signatureOf(error)).digest("hex").slice(0, 12);
  const failure = {
    migrationId: run?.migrationId ?? OF_NO_MIGRATION,
    activity: context.info.activityType,
    signature,
    detail,
  };
  let failures: number;
  try {
    failures = await ledger.write((tx) => countFailure(tx, failure));
  } catch (problem) {
    if (problem instanceof LedgerError && problem.problem !== "ledger_slow") return ofLedger(problem);
    // What the ledger cannot keep is counted by Temporal.
    failures = context.info.attempt;
  }
  if (failures < MAX_UNEXPECTED) throw isSlow ? retryable(error.problem) : retryable("unexpected");
  if (isSlow) return blocked("ledger_slow", { detail: context.info.activityType });
  return blocked("unexpected_failure", { detail: `${context.info.activityType}, ${signature}` });
}

/** Where it happened: the same failure comes from the same place, whatever its message holds. */
function signatureOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const place = error.stack?.split("\n").find((line) => line.trimStart().startsWith("at "));
  return `${error.name} ${place ?? ""}`;
}

/** No failure: the attempt comes again by itself, and nothing of it stands in the history. */
function laterOn({ retryAfterMs }: StillWaitingError): ApplicationFailure {
  const code = "still_waiting";
  return ApplicationFailure.create({
    message: code,
    type: code,
    nextRetryDelay: retryAfterMs,
    category: ApplicationFailureCategory.BENIGN,
  });
}

function retryable(code: string): ApplicationFailure {
  return ApplicationFailure.retryable(code, code);
}

function cancellationOf(context: FailedAttempt): CancelledFailure {
  const reason: unknown = context.cancellationSignal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure("CANCELLED");
}

import { createHash } from "node:crypto";
import { ApplicationFailure, CancelledFailure, type Context } from "@temporalio/activity";
import { ApplicationFailureCategory } from "@temporalio/common";
import { DeadTokenError } from "../cognito/read-configuration.ts";
import { FencedError, LedgerError } from "../ledger/errors.ts";
import { countFailure } from "../ledger/failures.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Blocked, RunRef } from "../workflows/contract.ts";
import { RangeStillOpenError } from "./batch/send-batch.ts";
import { blocked } from "./blocked.ts";
import { StillWaitingError } from "./credentials/await-providers.ts";
import { ConfigurationError } from "./deps.ts";
import { ParkedError } from "./parked.ts";

/** An activity that fails this often in the same unexpected way parks the run. */
const MAX_UNEXPECTED = 5;

/**
 * The boundary between activities and Temporal: nothing but a code passes it, because messages, causes and stacks
 * may hold personal data. What an operator has to mend becomes a `Blocked` result; what time may mend is thrown
 * as a code and tried again; what nobody expected is kept in the ledger in full, and parks the run if it comes back.
 */
export async function toCode(
  ledger: Ledger,
  context: Context,
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
  if (error instanceof ConfigurationError) return blocked("configuration", { detail: error.message });
  if (error instanceof LedgerError) {
    if (error.problem === "ledger_full") return blocked("ledger_full");
    if (error.problem === "ledger_not_writable") return blocked("ledger_not_writable");
    throw retryable(error.problem);
  }
  return unexpected(ledger, context, run, error);
}

async function unexpected(
  ledger: Ledger,
  context: Context,
  run: RunRef | null,
  error: unknown,
): Promise<Blocked> {
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const signature = createHash("sha256").update(signatureOf(error)).digest("hex").slice(0, 12);
  const failure = {
    migrationId: run?.migrationId ?? 0,
    activity: context.info.activityType,
    signature,
    detail,
  };
  const failures = await ledger.write((tx) => countFailure(tx, failure)).catch(() => 0);
  if (failures >= MAX_UNEXPECTED)
    return blocked("unexpected_failure", { detail: `${context.info.activityType}, ${signature}` });
  throw retryable("unexpected");
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

function cancellationOf(context: Context): CancelledFailure {
  const reason: unknown = context.cancellationSignal.reason;
  return reason instanceof CancelledFailure ? reason : new CancelledFailure("CANCELLED");
}

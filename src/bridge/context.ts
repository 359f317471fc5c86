import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Logger } from "pino";
import type { Secret } from "../domain/secret.ts";
import type { AccessWatch } from "./access-watch.ts";
import type { AfterAnswers } from "./after-answers.ts";
import type { HttpAnswer } from "./answers.ts";
import type { AppClientWatch } from "./app-client.ts";
import type { BodyError } from "./body.ts";
import type { BridgeDeps } from "./deps.ts";
import type { EvenAnswers } from "./even-answers.ts";
import type { Limits } from "./limits.ts";
import type { BridgeMetrics, EndedAs } from "./metrics.ts";
import type { BeforeProof } from "./outcomes.ts";
import type { RefusalCode, Refusals } from "./refusals.ts";
import type { Turns } from "./turns.ts";

/** What the routes share. */
export interface BridgeContext {
  deps: BridgeDeps;
  secrets: readonly Secret[];
  limits: Limits;
  evenAnswers: EvenAnswers;
  /** By address. */
  turns: Turns;
  /** Cognito's app client. */
  client: AppClientWatch;
  /** The destination's key. */
  access: AccessWatch;
  afterAnswers: AfterAnswers;
  /** An answer that work follows waits for it, known person or not; null where the process goes on after an answer. */
  holdAnswer: (() => Promise<unknown>) | null;
  /** The longest that anybody waits for an answer; one that comes later is an outage. */
  timeoutMs: number;
  /** Strangers reach every route: those of operations ask for a secret as well. */
  isPublic: boolean;
  metrics: BridgeMetrics;
  /** Calls that nothing was done for. */
  refusals: Refusals;
  logger: Logger;
}

/** Nothing of the call is repeated but, of a body, a key that is named as ours are. */
export function refuse(
  context: Context,
  { refusals }: Pick<BridgeContext, "refusals">,
  { status, code, body = { error: code } }: Refused,
): Response {
  refusals.note(code);
  return context.json(body, status);
}

export function refuseBody(
  context: Context,
  bridge: Pick<BridgeContext, "refusals">,
  body: BodyError,
): Response {
  return refuse(context, bridge, { status: 400, code: body.error, body });
}

interface Refused {
  status: ContentfulStatusCode;
  code: RefusalCode;
  /** The code is its `error` unless it is given. */
  body?: { error: string };
}

export function send(context: Context, { status, body, retryAfterSeconds }: HttpAnswer): Response {
  if (retryAfterSeconds !== null) context.header("retry-after", String(retryAfterSeconds));
  return context.json(body, status);
}

/** `code` says why there was no answer, or what the person behind a `wrong` is not told. */
type Ended =
  | { kind: Exclude<EndedAs, BeforeProof | "wrong">; code?: string; migrated?: boolean; isOverLimit?: true }
  | { kind: "wrong"; code?: BeforeProof; migrated?: boolean; isOverLimit?: undefined };

/** Counts and logs how a request ended, as operators are to know it. */
export function ended(
  { metrics, logger }: BridgeContext,
  route: string,
  outcome: Ended,
  beganAtMs: number,
): void {
  const tookMs = performance.now() - beganAtMs;
  metrics.ended(route, outcome.kind === "wrong" ? (outcome.code ?? "wrong") : outcome.kind, tookMs / 1_000);
  if (outcome.migrated) metrics.migrated();
  // Anybody can be over a limit without end; the refusals have a line a minute.
  if (outcome.isOverLimit) return;
  const { kind, code } = outcome;
  logger.info({ route, outcome: kind, ...(code === undefined ? {} : { code }), tookMs: Math.round(tookMs) });
}

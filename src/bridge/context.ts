import type { Context } from "hono";
import type { Logger } from "pino";
import type { Secret } from "../domain/secret.ts";
import type { AfterAnswers } from "./after-answers.ts";
import type { HttpAnswer } from "./answers.ts";
import type { BridgeDeps } from "./deps.ts";
import type { Limits, Take } from "./limits.ts";
import type { BridgeMetrics } from "./metrics.ts";
import { networkOf } from "./network.ts";

/** What the routes share. */
export interface BridgeContext {
  deps: BridgeDeps;
  secrets: readonly Secret[];
  limits: Limits;
  afterAnswers: AfterAnswers;
  /** An answer that work follows waits for it, known person or not; null where the process goes on after an answer. */
  holdAnswer: (() => Promise<unknown>) | null;
  metrics: BridgeMetrics;
  logger: Logger;
}

/** The longest that anybody waits for an answer; one that comes later is an outage. */
export const REQUEST_TIMEOUT_MS = 20_000;

/** Resolves with `late` when the work takes longer; the work itself goes on, and its failure is nobody's. */
export async function within<T, L>(timeoutMs: number, work: Promise<T>, late: L): Promise<T | L> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<L>((resolve) => {
    timer = setTimeout(() => resolve(late), timeoutMs);
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

export function send(context: Context, { status, body, retryAfterSeconds }: HttpAnswer): Response {
  if (retryAfterSeconds !== null) context.header("retry-after", String(retryAfterSeconds));
  return context.json(body, status);
}

/** Counts and logs how a request ended; `code` says why there was no answer. */
export function ended(
  { metrics, logger }: BridgeContext,
  route: string,
  outcome: { kind: Parameters<BridgeMetrics["ended"]>[1]; code?: string; migrated?: boolean },
  beganAtMs: number,
): void {
  const tookMs = performance.now() - beganAtMs;
  metrics.ended(route, outcome.kind, tookMs / 1_000);
  if (outcome.migrated) metrics.migrated();
  const { kind, code } = outcome;
  logger.info({ route, outcome: kind, ...(code === undefined ? {} : { code }), tookMs: Math.round(tookMs) });
}

/**
 * Milliseconds to wait before this person, or whoever sits at this address, may try again; 0 for now. `ofAccount` counts
 * what this person tries.
 */
export async function waitMs(
  { limits }: BridgeContext,
  ofAccount: Take,
  email: string,
  ipAddress: string | null,
): Promise<number> {
  const ofAddress = ipAddress === null ? 0 : await limits.address(networkOf(ipAddress));
  // Whoever tries too much from one address must not use up what others have.
  return ofAddress > 0 ? ofAddress : ofAccount(email);
}

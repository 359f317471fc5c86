import type { BridgeContext } from "./context.ts";
import type { BridgeDeps } from "./deps.ts";
import { waitMs } from "./limits.ts";
import { type NoAnswer, outage } from "./outcomes.ts";
import type { Line } from "./turns.ts";
import { whileAwaited } from "./while-awaited.ts";
import { within } from "./within.ts";

/** What a caller asks of one person. */
export interface Question<T> {
  door: "signIn" | "forgot";
  email: string;
  ipAddress: string | null;
  /** With what it is given nothing begins once the caller was answered. */
  work: (deps: BridgeDeps) => Promise<T>;
  /** What comes as soon as it is known. */
  isShownAtOnce: (outcome: T | NoAnswer) => boolean;
  /** After what was asked about the same address before. */
  inTurn?: boolean;
  /** Of a caller with less patience than most. */
  timeoutMs?: number;
}

/** Of a caller's patience, what is left for the way back. */
const REST_MS = 100;

const TOO_SLOW = outage("too_slow");

/** Within the limits, in an even time, and before the caller's patience ends: limits and work share it. */
export function answerInTime<T>(bridge: BridgeContext, question: Question<T>): Promise<T | NoAnswer> {
  const { timeoutMs = bridge.timeoutMs, inTurn = false } = question;
  return within(timeoutMs, (late) => limited(bridge, { ...question, timeoutMs, inTurn }, late), TOO_SLOW);
}

async function limited<T>(
  { limits, refusals, evenAnswers, turns, deps }: BridgeContext,
  { door, email, ipAddress, work, isShownAtOnce, timeoutMs, inTurn }: Required<Question<T>>,
  late: AbortSignal,
): Promise<T | NoAnswer> {
  const retryAfterMs = await waitMs(limits[door], email, ipAddress);
  if (retryAfterMs > 0) {
    refusals.note("over_limit");
    return { kind: "throttled", retryAfterMs, isOverLimit: true };
  }
  const answered = (line?: Line) =>
    evenAnswers.of<T | NoAnswer>(
      async () => {
        late.throwIfAborted();
        return work(whileAwaited(deps, late));
      },
      {
        isShownAtOnce,
        tooMany: outage("too_many_at_once"),
        longestMs: timeoutMs - REST_MS,
        ...(line !== undefined && { line }),
      },
    );
  return inTurn ? turns.inLine(email, answered) : answered();
}

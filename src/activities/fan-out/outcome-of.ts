import type { Answer } from "../../destinations/destination.ts";
import type { Outcome } from "../../destinations/sending.ts";

const UNCLEAR_RETRY_MS = 1_000;

/** Of a call that was not answered well: told as what the fan-out acts upon. */
export function outcomeOf(answer: Extract<Answer<unknown>, { ok: false }>): Outcome {
  switch (answer.problem) {
    case "slow_down":
      return { kind: "slow_down", retryAfterMs: answer.retryAfterMs };
    case "access_lost":
      return { kind: "access_lost", code: answer.code };
    case "refused":
      // One that was just made may not show yet.
      if (answer.code !== "absent") return { kind: "rejected", code: answer.code, message: "" };
      return { kind: "unknown", code: answer.code, message: "", retryAfterMs: UNCLEAR_RETRY_MS };
    default:
      return { kind: "unknown", code: answer.code, message: "", retryAfterMs: UNCLEAR_RETRY_MS };
  }
}

import type { Answer } from "../destination.ts";
import type { Called } from "./called.ts";
import type { Failure } from "./errors.ts";

export function answerOf<T>(called: Called<T>): Answer<T> {
  return called.ok ? called : problemOf(called.failure);
}

export function problemOf(failure: Failure): Answer<never> {
  switch (failure.kind) {
    case "slow_down":
      return { ok: false, problem: "slow_down", retryAfterMs: failure.retryAfterMs };
    case "access_lost":
      return { ok: false, problem: "access_lost", code: failure.code };
    case "rejected":
    case "unknown":
      return { ok: false, problem: "unavailable", code: failure.code };
    default:
      return { ok: false, problem: "unavailable", code: failure.kind };
  }
}

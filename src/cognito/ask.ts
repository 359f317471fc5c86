import { problemOf } from "./errors.ts";
import type { SourceAnswer } from "./source.ts";

/** Makes one call to Cognito; what goes wrong on the way is answered, not thrown. */
export async function ask<T>(call: () => Promise<T>, carriedToken = false): Promise<SourceAnswer<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, ...problemOf(error, carriedToken) };
  }
}

/** An answer without what it was asked for: not Cognito's, so worth another try. */
export const EMPTY_ANSWER = { ok: false, problem: "unavailable", code: "EmptyAnswer" } as const;

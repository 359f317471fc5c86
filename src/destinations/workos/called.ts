import { type Failure, failureOf } from "./errors.ts";

export type Called<T> = { ok: true; value: T } | { ok: false; failure: Failure };

/** One HTTP call; never rejects. */
export async function called<T>(call: () => Promise<T>): Promise<Called<T>> {
  try {
    return { ok: true, value: await call() };
  } catch (error) {
    return { ok: false, failure: failureOf(error) };
  }
}

/** For a look-up, where not being there is an answer. */
export function nullIfAbsent<T>(found: Called<T>): Called<T | null> {
  return !found.ok && found.failure.kind === "absent" ? { ok: true, value: null } : found;
}

/** For a removal, where not being there is what was wanted. */
export async function removed(call: () => Promise<void>): Promise<Called<null>> {
  const answer = nullIfAbsent(await called(call));
  return answer.ok ? { ok: true, value: null } : answer;
}

import type { Context } from "hono";
import type { DoubleEnv } from "../shared/serve.ts";
import { ApiError } from "./api-error.ts";
import type { WorkosDoubleOptions } from "./options.ts";
import { SlidingWindow } from "./rate-limits.ts";

/** So many calls a window about one address; WorkOS docs, "Rate limits". */
export class EmailLimit {
  readonly #max: number;
  readonly #windowMs: number;
  readonly #windows = new Map<string, SlidingWindow>();

  constructor(max: number, windowMs: number) {
    this.#max = max;
    this.#windowMs = windowMs;
  }

  /** Null for a call that may go; else after how many seconds to come again. A refused call does not count. */
  take(email: string, { unlimited, limitScale }: WorkosDoubleOptions): number | null {
    if (unlimited) return null;
    const nowMs = performance.now();
    const key = email.toLowerCase();
    const window = this.#windows.get(key) ?? new SlidingWindow(this.#max, this.#windowMs);
    this.#windows.set(key, window);
    const waitMs = window.waitMs(nowMs, limitScale);
    if (waitMs > 0) return Math.ceil(waitMs / 1_000);
    window.add(nowMs);
    return null;
  }
}

/** Throws 429 with Retry-After unless there is nothing to wait for. */
export function refuseUntil(
  context: Context<DoubleEnv>,
  retryAfterSeconds: number | null,
  body: Readonly<Record<string, unknown>>,
): void {
  if (retryAfterSeconds === null) return;
  context.header("retry-after", String(retryAfterSeconds));
  throw new ApiError(429, body);
}

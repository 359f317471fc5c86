import type { Logger } from "pino";

const AGAIN_MS = 60_000;

/** What may come with every call is written once a minute, by its code. */
export class SeldomLog {
  readonly #logger: Pick<Logger, "warn" | "error">;
  readonly #writtenAtMs = new Map<string, number>();

  constructor(logger: Pick<Logger, "warn" | "error">) {
    this.#logger = logger;
  }

  write(level: "warn" | "error", code: string, sentence: string): void {
    const nowMs = performance.now();
    if (nowMs - (this.#writtenAtMs.get(code) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    this.#writtenAtMs.set(code, nowMs);
    this.#logger[level]({ code }, sentence);
  }
}

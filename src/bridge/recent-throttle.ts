/** As long as this, a Cognito that turned one away turns most away. */
const RECENT_MS = 5_000;

/** Whether Cognito was too busy a moment ago: who never comes to it hears the same as who does. */
export class RecentThrottle {
  readonly #nowMs: () => number;
  #throttledAtMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  note(): void {
    this.#throttledAtMs = this.#nowMs();
  }

  get isRecent(): boolean {
    return this.#nowMs() - this.#throttledAtMs < RECENT_MS;
  }
}

/** As long as this, a Cognito that turned one away turns most away. */
const RECENT_MS = 5_000;

/** Whether Cognito was too busy a moment ago: who never comes to it hears the same as who does, whatever it says to them. */
export class RecentThrottle {
  readonly #nowMs: () => number;
  #throttledAtMs = Number.NEGATIVE_INFINITY;

  constructor(nowMs = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  note(): void {
    this.#throttledAtMs = this.#nowMs();
  }

  /**
   * Since some seconds before a request began, until now. Asked when its answer is due: at any other time it would count
   * how long the work took, which differs between people.
   */
  wasSince(beganAtMs: number): boolean {
    return this.#throttledAtMs > beganAtMs - RECENT_MS;
  }
}

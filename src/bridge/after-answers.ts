import { setImmediate } from "node:timers/promises";

/** Far more than mails a second; whoever comes then is told of an outage, known or not. */
const MAX_UNDER_WAY = 100;

/** Work whose length would tell something about a person: nobody who asks waits for it. */
export class AfterAnswers {
  readonly #onFailure: (error: unknown) => void;
  readonly #underWay = new Set<Promise<void>>();

  constructor(onFailure: (error: unknown) => void) {
    this.#onFailure = onFailure;
  }

  /** Begins when the answer of this turn has been written. False, and nothing begins, where too much is under way. */
  start(work: () => Promise<void>): boolean {
    if (this.#underWay.size >= MAX_UNDER_WAY) return false;
    const running = setImmediate()
      .then(work)
      .catch(this.#onFailure)
      .finally(() => this.#underWay.delete(running));
    this.#underWay.add(running);
    return true;
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }
}

import { CLIENT_FAULTS, type ClientStanding } from "../cognito/app-client.ts";
import type { PasswordCheck } from "../cognito/sign-in.ts";
import { ownValue } from "../domain/own-value.ts";
import { UsageError } from "../exit.ts";
import { CLIENT_FAULT_SENTENCES, NO_ACCESS, NO_ANSWER, TROUBLE_SENTENCES } from "./cognito-troubles.ts";
import type { BridgeMetrics } from "./metrics.ts";
import type { SeldomLog } from "./seldom-log.ts";

const AGAIN_MS = 15_000;

interface Teller {
  metrics: BridgeMetrics;
  /** A code may come with every sign-in. */
  log: SeldomLog;
}

/** Whether Cognito's app client can check passwords: asked at the start, and again while it cannot. */
export class AppClientWatch {
  /** The same, looked at. */
  readonly passwords: PasswordCheck;
  readonly #teller: Teller;
  readonly #againMs: number;
  #standing: ClientStanding = { kind: "no_answer", code: "not_checked" };
  #next: NodeJS.Timeout | null = null;

  constructor(passwords: PasswordCheck, teller: Teller, againMs = AGAIN_MS) {
    this.#teller = teller;
    this.#againMs = againMs;
    this.passwords = {
      check: async (...attempt) => {
        const verdict = await passwords.check(...attempt);
        if (verdict.kind === "outage") this.#noteOutage(verdict.code);
        return verdict;
      },
      checkClient: () => passwords.checkClient(),
      close: () => {
        if (this.#next !== null) clearTimeout(this.#next);
        passwords.close();
      },
    };
  }

  /** Throws UsageError where Cognito says for certain that nobody could be signed in. */
  async begin(): Promise<void> {
    const standing = await this.passwords.checkClient();
    if (standing.kind === "unable") throw new UsageError(CLIENT_FAULT_SENTENCES[standing.code]);
    this.#note(standing);
  }

  /** For operations: "ok", "not_checked", or what is wrong. */
  get word(): string {
    const { kind } = this.#standing;
    if (kind === "able") return "ok";
    return kind === "no_answer" ? "not_checked" : this.#standing.code;
  }

  /** Whether every sign-in at Cognito fails until somebody mends what `word` says. */
  get isUnable(): boolean {
    return this.#standing.kind === "unable" || this.#standing.kind === "no_access";
  }

  #note(standing: ClientStanding): void {
    this.#standing = standing;
    if (standing.kind === "able") return;
    if (standing.kind === "no_answer") this.#tell(standing.code, "warn", NO_ANSWER);
    else this.#tell(standing.code, "error", NO_ACCESS);
    this.#askAgain();
  }

  #askAgain(): void {
    this.#next ??= setTimeout(() => {
      this.#next = null;
      this.passwords.checkClient().then(
        (standing) => this.#note(standing),
        () => {
          this.#teller.metrics.trouble("unexpected");
          this.#askAgain();
        },
      );
    }, this.#againMs).unref();
  }

  /** A client that worked may have been changed since. */
  #noteOutage(code: string): void {
    if (Object.hasOwn(TROUBLE_SENTENCES, code)) this.#tell(code, "error");
    if (CLIENT_FAULTS.some((fault) => fault === code)) this.#askAgain();
  }

  /** `otherwise` is for a code without a sentence of its own. */
  #tell(code: string, level: "warn" | "error", otherwise = ""): void {
    const { metrics, log } = this.#teller;
    metrics.trouble(code);
    log.write(level, code, ownValue(TROUBLE_SENTENCES, code) ?? otherwise);
  }
}

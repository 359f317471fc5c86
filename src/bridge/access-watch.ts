import type { Answer, Destination } from "../destinations/destination.ts";
import { isAccessProven, proveAccess } from "../destinations/proven-access.ts";
import type { SignInDestination } from "../destinations/sign-in.ts";
import type { BridgeDeps } from "./deps.ts";

const AGAIN_MS = 10_000;

interface Watched {
  destination: Destination;
  count: BridgeDeps["count"];
  /** Told once for all who waited for the same answer. */
  onUnproven: (answer: Exclude<Answer<null>, { ok: true }>) => void;
}

/** Whether the destination takes the key, as its answers tell. */
export class AccessWatch {
  readonly #watched: Watched;
  #word = "not_checked";
  #asking: Promise<Answer<null>> | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;

  constructor(watched: Watched) {
    this.#watched = watched;
  }

  /** For operations: "ok", "not_checked", or why it refuses the key. */
  get word(): string {
    return this.#word;
  }

  /** Whether nobody is looked up, brought over or mailed until somebody mends what `word` says. */
  get isRefused(): boolean {
    return this.#word !== "ok" && this.#word !== "not_checked";
  }

  /** Asks anew where the word is not "ok", now and then. */
  async look(): Promise<void> {
    if (this.#word === "ok") return;
    if (this.#asking !== null || performance.now() - this.#askedAtMs >= AGAIN_MS) await this.#prove();
  }

  /**
   * The same calls. No account is looked up, and no event read, before the key is proven: whoever is brought over, mailed or
   * given a password was looked up first. A sign-in carries key and environment itself.
   */
  provenFirst(accounts: SignInDestination): SignInDestination {
    return {
      signIn: accounts.signIn,
      accountByEmail: (email) => this.#after(() => accounts.accountByEmail(email)),
      accountByExternalId: (externalId) => this.#after(() => accounts.accountByExternalId(externalId)),
      accountById: (accountId) => this.#after(() => accounts.accountById(accountId)),
      setPassword: accounts.setPassword,
      resetEvents: (afterEventId) => this.#after(() => accounts.resetEvents(afterEventId)),
      isResetUnused: (resetId) => this.#after(() => accounts.isResetUnused(resetId)),
    };
  }

  async #after<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
    if (!isAccessProven(this.#watched.destination)) {
      const proof = await this.#prove();
      if (!proof.ok) return proof;
    }
    const answer = await call();
    this.#note(answer);
    return answer;
  }

  async #prove(): Promise<Answer<null>> {
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  async #ask(): Promise<Answer<null>> {
    const { destination, count, onUnproven } = this.#watched;
    this.#askedAtMs = performance.now();
    count(destination.facts.slots.read);
    try {
      const answer = await proveAccess(destination);
      if (!answer.ok) onUnproven(answer);
      this.#note(answer);
      return answer;
    } finally {
      this.#asking = null;
    }
  }

  /** Where there is no answer it may be the key or not: what was known counts on. */
  #note(answer: Answer<unknown>): void {
    if (answer.ok) this.#word = "ok";
    else if (answer.problem === "access_lost") this.#word = answer.code;
  }
}

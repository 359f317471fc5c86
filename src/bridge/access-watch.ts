import type { Answer, Destination } from "../destinations/destination.ts";
import { isAccessProven, proveAccess } from "../destinations/proven-access.ts";
import type { SignInDestination } from "../destinations/sign-in.ts";
import type { BridgeDeps } from "./deps.ts";

const AGAIN_MS = 10_000;
/** A function makes no calls between requests, and most sign-ins there never come to one that is noted. */
const OK_GOOD_MS = 2 * 60_000;
/** Said of a key that may not make a call, and of a call that a firewall took for an attack. */
const OF_KEY_OR_CALL = "forbidden";

interface Watched {
  destination: Destination;
  count: BridgeDeps["count"];
  /** Told once for all who waited for the same answer. */
  onUnproven: (answer: Exclude<Answer<null>, { ok: true }>) => void;
  nowMs?: () => number;
}

/** Whether the destination takes the key, as its answers tell. */
export class AccessWatch {
  readonly #watched: Watched;
  readonly #nowMs: () => number;
  #word = "not_checked";
  #asking: Promise<Answer<null>> | null = null;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #okAtMs = Number.NEGATIVE_INFINITY;

  constructor(watched: Watched) {
    this.#watched = watched;
    this.#nowMs = watched.nowMs ?? (() => performance.now());
  }

  /** For operations: "ok", "not_checked", or why it refuses the key. */
  get word(): string {
    return this.#word;
  }

  /** Whether nobody is looked up, brought over or mailed until somebody mends what `word` says. */
  get isRefused(): boolean {
    return this.#word !== "ok" && this.#word !== "not_checked";
  }

  /** Asks anew, now and then, where the word is not "ok", or was said long ago. */
  async look(): Promise<void> {
    const nowMs = this.#nowMs();
    if (this.#word === "ok" && nowMs - this.#okAtMs < OK_GOOD_MS) return;
    if (this.#asking !== null || nowMs - this.#askedAtMs >= AGAIN_MS) await this.#prove();
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
    const isOfCall = !answer.ok && answer.problem === "access_lost" && answer.code === OF_KEY_OR_CALL;
    // Strangers choose what they type: by it alone no instance is taken out of service.
    if (!isOfCall) this.#note(answer);
    return answer;
  }

  async #prove(): Promise<Answer<null>> {
    this.#asking ??= this.#ask();
    return this.#asking;
  }

  async #ask(): Promise<Answer<null>> {
    const { destination, count, onUnproven } = this.#watched;
    this.#askedAtMs = this.#nowMs();
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
    if (answer.ok) {
      this.#word = "ok";
      this.#okAtMs = this.#nowMs();
    } else if (answer.problem === "access_lost") this.#word = answer.code;
  }
}

import type { Destination } from "../destinations/destination.ts";
import type { Facts } from "../destinations/facts.ts";
import type { SignInDestination } from "../destinations/sign-in.ts";
import type { CallKind } from "../domain/migration.ts";
import { destinationPaceKey, pagesPaceKey } from "../engine/pace-keys.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { debit } from "../ledger/pace.ts";
import type { MigrationRow } from "../ledger/runs.ts";

/** Imports hear of the bridge's calls this often: one statement for many sign-ins. */
const FLUSH_MS = 250;

/** Counts the bridge's calls into the pace of imports and walks, behind the back of whoever signs in. */
export class PaceDebits {
  readonly #ledger: Ledger;
  readonly #destination: Destination;
  readonly #onTrouble: (code: string) => void;
  /** By the key of their pace. */
  #calls = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, destination: Destination, onTrouble: (code: string) => void) {
    this.#ledger = ledger;
    this.#destination = destination;
    this.#onTrouble = onTrouble;
  }

  readonly count = (kinds: readonly CallKind[]): void => {
    for (const kind of kinds) this.#add(destinationPaceKey(this.#destination, kind));
  };

  readonly countPage = ({ file, accountId }: Pick<MigrationRow, "file" | "accountId">): void => {
    this.#add(pagesPaceKey(file.source, accountId));
  };

  /** Resolves when everything counted so far is written, or given up. */
  async drain(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #add(key: string): void {
    this.#calls.set(key, (this.#calls.get(key) ?? 0) + 1);
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const calls = [...this.#calls];
    this.#calls = new Map();
    if (calls.length > 0) this.#writing = this.#writing.then(() => this.#write(calls));
  }

  /** Each row in a statement of its own: no two are ever locked together. */
  async #write(calls: readonly [string, number][]): Promise<void> {
    try {
      for (const [key, count] of calls) await this.#ledger.changeSoon((db) => debit(db, key, count));
    } catch {
      // Imports then go at their own pace; the destination's 429 stops them where that is too much.
      this.#onTrouble("pace_not_counted");
    }
  }
}

/** The same calls, each of them counted. */
export function counted(
  accounts: SignInDestination,
  { slots }: Pick<Facts, "slots">,
  count: (kinds: readonly CallKind[]) => void,
): SignInDestination {
  return {
    signIn(...call) {
      count(slots.write);
      return accounts.signIn(...call);
    },
    accountByEmail(...call) {
      count(slots.read);
      return accounts.accountByEmail(...call);
    },
    accountByExternalId(...call) {
      count(slots.read);
      return accounts.accountByExternalId(...call);
    },
    accountById(...call) {
      count(slots.read);
      return accounts.accountById(...call);
    },
    setPassword(...call) {
      count(slots.write);
      return accounts.setPassword(...call);
    },
    resetEvents(...call) {
      count(slots.read);
      return accounts.resetEvents(...call);
    },
    isResetUnused(...call) {
      count(slots.read);
      return accounts.isResetUnused(...call);
    },
  };
}

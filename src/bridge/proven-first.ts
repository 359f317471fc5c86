import type { Answer, Destination } from "../destinations/destination.ts";
import { isAccessProven, proveAccess } from "../destinations/proven-access.ts";
import type { SignInDestination } from "../destinations/sign-in.ts";
import type { BridgeDeps } from "./deps.ts";

interface Proof {
  destination: Destination;
  count: BridgeDeps["count"];
  /** Told once for all who waited for the same answer. */
  onUnproven: (answer: Exclude<Answer<null>, { ok: true }>) => void;
}

/**
 * The same calls. No account is looked up, and no event read, before the key is proven: whoever is brought over, mailed or
 * given a password was looked up first. A sign-in carries key and environment itself.
 */
export function provenFirst(
  accounts: SignInDestination,
  { destination, count, onUnproven }: Proof,
): SignInDestination {
  let asking: Promise<Answer<null>> | null = null;

  async function ask(): Promise<Answer<null>> {
    count(destination.facts.slots.read);
    try {
      const answer = await proveAccess(destination);
      if (!answer.ok) onUnproven(answer);
      return answer;
    } finally {
      asking = null;
    }
  }

  async function after<T>(call: () => Promise<Answer<T>>): Promise<Answer<T>> {
    if (!isAccessProven(destination)) {
      asking ??= ask();
      const proof = await asking;
      if (!proof.ok) return proof;
    }
    return call();
  }

  return {
    signIn: accounts.signIn,
    accountByEmail: (email) => after(() => accounts.accountByEmail(email)),
    accountByExternalId: (externalId) => after(() => accounts.accountByExternalId(externalId)),
    accountById: (accountId) => after(() => accounts.accountById(accountId)),
    setPassword: accounts.setPassword,
    resetEvents: (afterEventId) => after(() => accounts.resetEvents(afterEventId)),
    isResetUnused: (resetId) => after(() => accounts.isResetUnused(resetId)),
  };
}

import type { UserOutcome } from "../ledger/outcomes.ts";
import type { ResetState } from "../plan/reset-standing.ts";

/** Accounts by the way in which their people sign in afterwards; each is in one of them. */
export interface SignInCounts {
  /** With their identity provider, as before. */
  provider: number;
  /** With the password that they have: the bridge has brought it along. */
  bridge: number;
  /** With a password that they set by a link: the mail is out, or may be. */
  mail: number;
  /** Nobody has brought their password along yet. */
  password: number;
}

export class SignInTally {
  readonly #counts: SignInCounts = { provider: 0, bridge: 0, mail: 0, password: 0 };

  /** Somebody with an account; whoever was merged has none of their own. */
  add({ native, moved, proven, mail, isMergedIntoFederated }: ResetState): void {
    if (isMergedIntoFederated) return;
    if (!native) this.#counts.provider += 1;
    else if (moved || proven) this.#counts.bridge += 1;
    else if (mail === "mailed" || mail === "unsettled") this.#counts.mail += 1;
    else this.#counts.password += 1;
  }

  /** Somebody whom a plan would import. */
  addPlanned({ outcome, destinationId, isNative }: UserOutcome): void {
    if (outcome !== "imported" || destinationId !== null) return;
    this.#counts[isNative ? "password" : "provider"] += 1;
  }

  counts(): SignInCounts {
    return { ...this.#counts };
  }
}

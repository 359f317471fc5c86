import type { ResetState } from "../plan/reset-standing.ts";
import { type GateState, type WayIn, wayIn } from "../plan/way-in.ts";

/** Accounts by the way in which their people sign in afterwards; each is in one of them. */
export interface SignInCounts {
  /** Of people without a password. */
  federated: Readonly<Record<WayIn, number>>;
  /** With the password that they have: the bridge has brought it along. */
  bridge: number;
  /** With a password that they set by a link: the mail is out, or may be. */
  mail: number;
  /** Nobody has brought their password along yet. */
  password: number;
}

export class SignInTally {
  readonly #states: ReadonlyMap<string, GateState>;
  readonly #federated = { provider: 0, email: 0, not_yet: 0, unknown: 0 };
  readonly #counts = { bridge: 0, mail: 0, password: 0 };

  /** `states` are those of the identity providers by their names in Cognito. */
  constructor(states: ReadonlyMap<string, GateState>) {
    this.#states = states;
  }

  /** Somebody with an account, or whom a plan gives one; whoever was merged has none of their own. */
  add({ native, providers, moved, proven, mail, isMergedIntoFederated }: ResetState): void {
    if (isMergedIntoFederated) return;
    if (!native) this.#federated[wayIn(providers, this.#states)] += 1;
    else if (moved || proven) this.#counts.bridge += 1;
    else if (mail === "mailed" || mail === "unsettled") this.#counts.mail += 1;
    else this.#counts.password += 1;
  }

  counts(): SignInCounts {
    return { federated: { ...this.#federated }, ...this.#counts };
  }
}

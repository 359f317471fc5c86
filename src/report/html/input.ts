import type { DifferenceCount } from "../difference-tally.ts";
import type { HandOffInput } from "../handoff/input.ts";
import type { DayOfMoves } from "../moved-by-bridge.ts";
import type { NameCounts } from "../name-tally.ts";
import type { Throughput } from "../phase-times.ts";
import type { SignInCounts } from "../sign-in-tally.ts";
import type { Summary } from "../summary.ts";
import type { Undecided } from "../undecided.ts";

/** What the page is made of: counts, names of things, and the subs of those about whom a person has to decide. */
export interface PageInput extends Omit<HandOffInput, "summary"> {
  summary: Summary;
  signIns: SignInCounts;
  /** Planned memberships by organization. */
  organizations: NameCounts;
  /** Null where the newest run has settled nothing. */
  throughput: Throughput | null;
  bridge: readonly DayOfMoves[];
  differences: readonly DifferenceCount[];
  undecided: readonly Undecided[];
}

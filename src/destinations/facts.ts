import type { Takes } from "../domain/counterparts.ts";
import type { CallKind, DestinationPace } from "../domain/migration.ts";
import type { SignInContract } from "../domain/sign-in-contracts.ts";

/** What a destination is like: code asks for these where it would otherwise have to know whose destination it is. */
export interface Facts {
  takes: Takes;
  /** Slots of the pace that one call takes, by what the call does. A `mail` is a write that sends a reset mail. */
  slots: Readonly<Record<"read" | "write" | "mail", readonly CallKind[]>>;
  /** The fastest pace that leaves room for live sign-ins: the file's defaults, and what `check` warns above of. */
  pace: DestinationPace;
  /** Calls in flight that one environment bears, whoever makes them. */
  callsInFlight: number;
  /** Users of the largest page of its list; where it lists nobody, those that one look-up finds. */
  usersPerPage: number;
  /** What was made shows in look-ups and lists after at most this long; 0 where it shows at once. */
  lookUpLagMs: number;
  /** What applications keep of Cognito's, so that nothing has to be changed in them. */
  keeps: { clientId: boolean; clientSecret: boolean };
  resets: ResetFacts;
  /** What the sign-in bridge may be asked beside it: a password that is proven in another way never comes to it. */
  signInContracts: readonly SignInContract[];
}

export interface ResetFacts {
  /** How often in a minute a reset may be asked for at one address. */
  perAddressAMinute: number;
  /** The record of mails and of completed resets; null where a destination keeps none that can be read. */
  record: {
    /** A mail shows in it at most this much later. */
    lagMs: number;
    /** Older entries are forgotten. */
    keptMs: number;
  } | null;
}

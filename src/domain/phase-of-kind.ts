import type { PlacedKind } from "./books.ts";
import type { FanOutPhase } from "./phases.ts";

/** In which phase things of a kind are made, counted, and taken back. */
export const PHASE_OF_KIND: Readonly<Record<PlacedKind, FanOutPhase>> = {
  user: "users",
  membership: "memberships",
  organization: "structure",
  role: "structure",
  connection: "credentials",
  redirect_uri: "credentials",
  application: "credentials",
};

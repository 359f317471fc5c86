import { WITHOUT_PROVIDER } from "../domain/counterparts.ts";

/** How people without a password sign in afterwards: the one rule of report, lookup and the gate's question. */
export type WayIn =
  /** With their identity provider, as before. */
  | "provider"
  /** Their identity provider does not come along. */
  | "email"
  /** Their identity provider is not set up yet. */
  | "not_yet"
  /** Nobody here knows by which provider they sign in: purged, or unreadable in the pool. */
  | "unknown";

/** Where an identity provider stands at the gate. */
export type GateState = "missing" | "open" | "verified" | "skipped" | "none";

/** Of people with several providers one that works is enough. What the pool no longer has does not come along. Pure. */
export function wayIn(providers: readonly string[], states: ReadonlyMap<string, GateState>): WayIn {
  if (providers.length === 0) return "unknown";
  const stand = providers.map((name) => states.get(name) ?? "none");
  if (stand.includes("verified")) return "provider";
  return stand.some((state) => state === "missing" || state === "open") ? "not_yet" : "email";
}

/** What one of them hears. */
export const WAY_IN_TEXTS: Readonly<Record<WayIn, string>> = {
  provider: "They sign in with their provider, as before.",
  email: `Their provider does not come along. ${WITHOUT_PROVIDER}`,
  not_yet:
    "They cannot sign in before their provider is set up: `./spillway credentials status` tells what is missing.",
  unknown: "By which provider is not known here.",
};

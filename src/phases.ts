/** The phases of a run, in order. Workflows import this file: it imports nothing. */
export const PHASES = [
  "assess",
  "credentials",
  "snapshot",
  "plan",
  "structure",
  "users",
  "memberships",
  "resets",
  "verify",
  "report",
] as const;
export type Phase = (typeof PHASES)[number];

/** Phases whose work is numbered items in the ledger. */
export const ITEM_PHASES = ["credentials", "structure", "users", "memberships", "resets"] as const;
export type ItemPhase = (typeof ITEM_PHASES)[number];

export function isItemPhase(phase: Phase): phase is ItemPhase {
  return ITEM_PHASES.some((one) => one === phase);
}

/** Those whose items are sent in batches, many at once. */
export type FanOutPhase = Exclude<ItemPhase, "credentials" | "resets">;

/** Phases that write at the destination or need what was written there; a dry run leaves them out. */
export const WRITING_PHASES: readonly Phase[] = ["structure", "users", "memberships", "resets", "verify"];

/** A pilot knows its people before it waits for the providers that they use. */
export const PILOT_PHASES: readonly Phase[] = [
  "assess",
  "snapshot",
  "plan",
  "credentials",
  "structure",
  "users",
  "memberships",
  "resets",
  "verify",
  "report",
];

/** What runs that began before there were others go through. */
export const FIRST_PHASES: readonly Phase[] = ["assess", "snapshot", "plan", "users", "verify", "report"];

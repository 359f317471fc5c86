/** The phases of a run, in order. Workflows import this file: it imports nothing. */
export const PHASES = ["assess", "snapshot", "plan", "users", "verify", "report"] as const;
export type Phase = (typeof PHASES)[number];

/** Phases whose work is a fan-out over numbered work items. */
export type FanOutPhase = Extract<Phase, "users">;

/** Phases that write at the destination or need what was written there; a dry run leaves them out. */
export const WRITING_PHASES: readonly Phase[] = ["users", "verify"];

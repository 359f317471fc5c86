import { PHASES, type Phase } from "../phases.ts";
import type { Blocked, MissingProvider, Opened, PhaseTotals, SkippedProvider } from "./contract.ts";

/** Everything a run knows beside the ledger: what continue-as-new carries. */
export interface State {
  opened: Opened | null;
  phase: Phase;
  paused: boolean;
  blocked: Blocked | null;
  /** Codes of failures and findings that the operator accepted. */
  accepted: string[];
  totals: Partial<Record<Phase, PhaseTotals>>;
  /** Providers that the run waits for; null while it does not stand at the gate. */
  missing: readonly MissingProvider[] | null;
  skippedProviders: SkippedProvider[];
  /** Steps that the operator approved. Absent in runs that began before there were any. */
  approved?: string[];
  /** Why the campaign stands still: for a person, or until a time. */
  hold?: Hold | null;
  done: boolean;
}

export type Hold = { kind: "approval"; step: string } | { kind: "clock"; why: string };

export function freshState(): State {
  return {
    opened: null,
    phase: PHASES[0],
    paused: false,
    blocked: null,
    accepted: [],
    totals: {},
    missing: null,
    skippedProviders: [],
    approved: [],
    hold: null,
    done: false,
  };
}

export type RunState = "Running" | "Waiting" | "Paused" | "Blocked" | "Done";

export function runState(state: State): RunState {
  if (state.done) return "Done";
  if (state.blocked !== null) return "Blocked";
  if (state.paused) return "Paused";
  return isWaiting(state) || state.hold != null ? "Waiting" : "Running";
}

/** At the gate, with somebody to wait for. */
export function isWaiting({ missing, phase }: State): boolean {
  return phase === "credentials" && (missing?.length ?? 0) > 0;
}

export function waitsForApproval({ hold }: State, step: string): boolean {
  return hold?.kind === "approval" && hold.step === step;
}

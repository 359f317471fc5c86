import { PHASES, type Phase } from "../phases.ts";
import type { Blocked, Opened, PhaseTotals } from "./contract.ts";

/** Everything a run knows beside the ledger: what continue-as-new carries. */
export interface State {
  opened: Opened | null;
  phase: Phase;
  paused: boolean;
  blocked: Blocked | null;
  /** Codes of failures and findings that the operator accepted. */
  accepted: string[];
  totals: Partial<Record<Phase, PhaseTotals>>;
  done: boolean;
}

export function freshState(): State {
  return {
    opened: null,
    phase: PHASES[0],
    paused: false,
    blocked: null,
    accepted: [],
    totals: {},
    done: false,
  };
}

export type RunState = "Running" | "Paused" | "Blocked" | "Done";

export function runState(state: State): RunState {
  if (state.done) return "Done";
  if (state.blocked !== null) return "Blocked";
  return state.paused ? "Paused" : "Running";
}

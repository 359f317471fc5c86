import type {
  BeforeApproval,
  Blocked,
  FirstMail,
  KeptProvider,
  LedgerMark,
  MissingProvider,
  Opened,
  PhaseTotals,
  SkippedProvider,
  TimesOfPhases,
} from "../domain/contract.ts";
import { FIRST_PHASE, type Phase } from "../domain/phases.ts";
import type { Verification } from "../domain/verification.ts";

/** Everything a run knows beside the ledger: what continue-as-new carries. */
export interface State {
  opened: Opened | null;
  phase: Phase;
  paused: boolean;
  blocked: Blocked | null;
  /** Codes of failures that the operator's answer opens again; null once the ledger is prepared for going on. */
  toPrepare: readonly string[] | null;
  /** Codes of failures and findings that the operator accepted. */
  accepted: readonly string[];
  totals: Partial<Record<Phase, PhaseTotals>>;
  /** Providers that the run waits for; null while it does not stand at the gate. */
  missing: readonly MissingProvider[] | null;
  skippedProviders: readonly SkippedProvider[];
  /** Of which an earlier run was told. Earlier histories do not have it. */
  keptProviders?: readonly KeptProvider[];
  /** Steps that the operator approved. */
  approved: readonly Approval[];
  /** Which of the campaign's questions was approved. Earlier histories do not have it. */
  asking?: number;
  /** Why the campaign stands still: for a person, or until a time. */
  hold: Hold | null;
  /** What the campaign knows of the ledger. Earlier histories do not have it. */
  mark?: LedgerMark;
  /** Earlier histories do not have it. */
  times?: TimesOfPhases;
  done: boolean;
  /** Earlier histories do not have it. */
  cancelled?: boolean;
  /** What `verify` came to, once it is done; null where nobody looked. Earlier histories do not have it. */
  verification?: Verification | null;
}

/** Steps that wait for a person's word. */
export const APPROVALS = ["resets"] as const;
export type Approval = (typeof APPROVALS)[number];

export type Hold = ({ kind: "approval"; step: Approval } & BeforeApproval) | { kind: "clock"; why: string };

export function freshState(): State {
  return {
    opened: null,
    phase: FIRST_PHASE,
    paused: false,
    blocked: null,
    toPrepare: null,
    accepted: [],
    totals: {},
    missing: null,
    skippedProviders: [],
    approved: [],
    hold: null,
    done: false,
  };
}

export type RunState = "Running" | "Waiting" | "Paused" | "Blocked" | "Done" | "Cancelled";

export function runState(state: State): RunState {
  if (state.cancelled === true) return "Cancelled";
  if (state.done) return "Done";
  if (state.blocked !== null) return "Blocked";
  if (state.paused) return "Paused";
  return isWaiting(state) || state.hold !== null ? "Waiting" : "Running";
}

/** Nothing begins until an operator answers. */
export function isHeld({ paused, blocked }: State): boolean {
  return paused || blocked !== null;
}

/** At the gate, with somebody to wait for. */
export function isWaiting({ missing, phase, cancelled }: State): boolean {
  return phase === "credentials" && (missing?.length ?? 0) > 0 && cancelled !== true;
}

/** Empty unless the run waits for its mails to be approved. */
export function firstMailsOf(state: State): readonly FirstMail[] {
  const { hold } = state;
  return hold?.kind === "approval" && runState(state) === "Waiting" ? hold.first : [];
}

/** Of a run that is paused nobody sees what it would ask. */
export function waitsForApproval(state: State, step: string): boolean {
  const { hold } = state;
  return hold?.kind === "approval" && hold.step === step && runState(state) === "Waiting";
}

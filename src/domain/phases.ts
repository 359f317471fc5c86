/** The program of a run. Workflows import this file: it imports nothing. */

interface Row {
  phase: string;
  /** One activity of the phase's name; the gate; batches, many at once; the reset campaign. */
  work: "activity" | "gate" | "batches" | "campaign";
  /** A dry run leaves out what writes at the destination or needs what was written there. */
  in: "every run" | "writing runs" | "mailing runs";
  /** Where a pilot comes to it later than others. */
  pilotAfter?: string;
}

/** The phases in order: a new one is a row here, and a way to work it. */
export const PROGRAM = [
  { phase: "assess", work: "activity", in: "every run" },
  // A pilot knows its people before it waits for the providers that they use.
  { phase: "credentials", work: "gate", in: "every run", pilotAfter: "plan" },
  { phase: "snapshot", work: "activity", in: "every run" },
  { phase: "plan", work: "activity", in: "every run" },
  { phase: "structure", work: "batches", in: "writing runs" },
  { phase: "users", work: "batches", in: "writing runs" },
  { phase: "memberships", work: "batches", in: "writing runs" },
  { phase: "resets", work: "campaign", in: "mailing runs" },
  { phase: "verify", work: "activity", in: "writing runs" },
  { phase: "report", work: "activity", in: "every run" },
] as const satisfies readonly Row[];

export type Step = (typeof PROGRAM)[number];
export type Phase = Step["phase"];

/** The phases that are worked in one way. */
export type PhasesOf = { [Work in Step["work"]]: Extract<Step, { work: Work }>["phase"] };
/** Those whose items are sent in batches, many at once. */
export type FanOutPhase = PhasesOf["batches"];
/** Those whose work is numbered items in the ledger. */
export type ItemPhase = Exclude<Phase, PhasesOf["activity"]>;

export const FIRST_PHASE: Phase = PROGRAM[0].phase;
export const PHASES: readonly Phase[] = PROGRAM.map(({ phase }) => phase);
export const ITEM_PHASES: readonly ItemPhase[] = PHASES.filter(isItemPhase);

export function isItemPhase(phase: Phase): phase is ItemPhase {
  return PROGRAM.some((step) => step.phase === phase && step.work !== "activity");
}

export interface KindOfRun {
  dryRun: boolean;
  /** The file's `only` narrows the plan. */
  isPilot: boolean;
  /** The file asks for reset mails. */
  sendsResets: boolean;
}

/** What a run of this kind goes through, in its order. */
export function programOf({ dryRun, isPilot, sendsResets }: KindOfRun): readonly Step[] {
  const isIn: Record<Row["in"], boolean> = {
    "every run": true,
    "writing runs": !dryRun,
    "mailing runs": !dryRun && sendsResets,
  };
  const steps = PROGRAM.filter((step) => isIn[step.in]);
  return isPilot ? pilotOrder(steps) : steps;
}

/** The phases of a run of this kind, in the table's order: what is shown of it. */
export function phasesOf(kind: KindOfRun): readonly Phase[] {
  const steps = programOf(kind);
  return PHASES.filter((phase) => steps.some((step) => step.phase === phase));
}

function pilotOrder(steps: readonly Step[]): readonly Step[] {
  const later = steps.filter((step) => "pilotAfter" in step);
  return steps
    .filter((step) => !("pilotAfter" in step))
    .flatMap((step) => [step, ...later.filter(({ pilotAfter }) => pilotAfter === step.phase)]);
}

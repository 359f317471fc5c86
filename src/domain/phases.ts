/** The programs of runs. Workflows import this file: it imports nothing. */

interface Row {
  phase: string;
  /** One activity; the gate; batches, many at once; the reset campaign. */
  work: "activity" | "gate" | "batches" | "campaign";
  /** The activity, where it is not named as the phase is. */
  by?: string;
  /** A dry run leaves out what writes at the destination or needs what was written there. */
  in: "every run" | "writing runs" | "mailing runs";
  /** Where a pilot comes to it later than others. */
  pilotAfter?: string;
}

/** Of a migration. The phases in order: a new one is a row here, and a way to work it. */
const MIGRATION = [
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

/** Of an undo: what needs something else goes before it. */
const UNDO = [
  { phase: "assess", work: "activity", by: "assessUndo", in: "every run" },
  { phase: "plan", work: "activity", by: "planUndo", in: "every run" },
  { phase: "memberships", work: "batches", in: "writing runs" },
  { phase: "users", work: "batches", in: "writing runs" },
  { phase: "credentials", work: "batches", in: "writing runs" },
  { phase: "structure", work: "batches", in: "writing runs" },
] as const satisfies readonly Row[];

/** Of a verification by itself. */
const VERIFICATION = [
  { phase: "assess", work: "activity", by: "beginVerify", in: "every run" },
  { phase: "verify", work: "activity", by: "verifyAlone", in: "every run" },
] as const satisfies readonly Row[];

/** Of what failed, once it is tried again: by the plan of the run that it failed in. */
const REDRIVE = [
  { phase: "assess", work: "activity", by: "planRedrive", in: "every run" },
  { phase: "structure", work: "batches", in: "writing runs" },
  { phase: "users", work: "batches", in: "writing runs" },
  { phase: "memberships", work: "batches", in: "writing runs" },
  { phase: "resets", work: "campaign", in: "mailing runs" },
  { phase: "verify", work: "activity", by: "verifyAlone", in: "every run" },
  { phase: "report", work: "activity", in: "every run" },
] as const satisfies readonly Row[];

const PROGRAMS = { migrate: MIGRATION, undo: UNDO, verify: VERIFICATION, redrive: REDRIVE };

/** What a run is for. */
export type Mode = keyof typeof PROGRAMS;

export type Step = (typeof PROGRAMS)[Mode][number];
export type Phase = Step["phase"];

/** The phases that are worked in one way. */
export type PhasesOf = { [Work in Step["work"]]: Extract<Step, { work: Work }>["phase"] };
/** Those whose items are sent in batches, many at once. */
export type FanOutPhase = PhasesOf["batches"];
/** Those whose work is numbered items in the ledger. */
export type ItemPhase = Exclude<Phase, PhasesOf["activity"]>;

export const FIRST_PHASE: Phase = MIGRATION[0].phase;
/** No other run has others. */
export const PHASES: readonly Phase[] = MIGRATION.map(({ phase }) => phase);
export const ITEM_PHASES: readonly ItemPhase[] = PHASES.filter(isItemPhase);

export function isItemPhase(phase: Phase): phase is ItemPhase {
  return MIGRATION.some((step) => step.phase === phase && step.work !== "activity");
}

export interface KindOfRun {
  /** A migration where it is absent. */
  mode?: Mode;
  dryRun: boolean;
  /** The file's `only` narrows the plan. */
  isPilot: boolean;
  /** The file asks for reset mails. */
  sendsResets: boolean;
}

/** What a run of this kind goes through, in its order. */
export function programOf({ mode = "migrate", dryRun, isPilot, sendsResets }: KindOfRun): readonly Step[] {
  const isIn: Record<Row["in"], boolean> = {
    "every run": true,
    "writing runs": !dryRun,
    "mailing runs": !dryRun && sendsResets,
  };
  const program: readonly Step[] = PROGRAMS[mode];
  const steps = program.filter((step) => isIn[step.in]);
  return isPilot ? pilotOrder(steps) : steps;
}

/** The phases of a run of this kind, in the order of its program: what is shown of it. */
export function phasesOf(kind: KindOfRun): readonly Phase[] {
  return programOf({ ...kind, isPilot: false }).map(({ phase }) => phase);
}

function pilotOrder(steps: readonly Step[]): readonly Step[] {
  const later = steps.filter((step) => "pilotAfter" in step);
  return steps
    .filter((step) => !("pilotAfter" in step))
    .flatMap((step) => [step, ...later.filter(({ pilotAfter }) => pilotAfter === step.phase)]);
}

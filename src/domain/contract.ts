import type { PlacedKind } from "./books.ts";
import type { Migration } from "./migration.ts";
import type { ResetOutcome } from "./outcomes.ts";
import type { FanOutPhase, ItemPhase, KindOfRun, Phase } from "./phases.ts";
import type { Verification } from "./verification.ts";

/** What workflows and activities say to each other: ids, ranges, cursors and counts, never a person's data. */

/** Bounds what the kill of a worker costs: after this silence Temporal gives the work to another attempt. */
export const HEARTBEAT_TIMEOUT_MS = 5_000;

/**
 * Names the run: whose ledger it is in, and where its people go. Every activity but the first carries it, and a worker
 * of another ledger or environment does nothing.
 */
export interface RunRef {
  ledgerId: string;
  destinationKind: Migration["destination"]["kind"];
  environment: string;
  migrationId: number;
  generation: number;
  /** The first execution's: two runs have the same generation where the ledger forgot one of them. */
  firstRunId: string;
  /** The newest undo before this run: mails of accounts from before it count no more. Absent where there was none. */
  undoneGeneration?: number;
  /** A redrive, by a plan that may be old: Cognito is asked about people before anything is sent for them. */
  asksAgain?: true;
}

/** Why a run stopped to wait for an operator. `code` is stable: `./spillway explain` tells what it means. */
export interface Blocked {
  status: "blocked";
  code: string;
  /** What happened and what to do. Holds no personal data. */
  sentence: string;
  /** Failures with this code are tried again first when the operator resumes. */
  retries: string | null;
  /** How an operator can answer, the likeliest first. Earlier workers did not say it: `resume` then. */
  ways?: readonly Way[];
  /** What comes before those. Absent where nothing does. */
  first?: StepInWords;
}

/** The run goes on, or goes on although this is so; or another one begins, with a file that was changed or the same. */
export type Way = "resume" | "accept" | "new_file" | "new_run";

/** A command, word by word. */
export interface StepInWords {
  /** Leads to the command; null where the sentence does. */
  to: string | null;
  words: readonly string[];
}

/** A command of an operator's answer. */
export interface Step {
  /** What it is for, in words that lead to it; null where the sentence says so. */
  to: string | null;
  command: string;
}

export interface OpenInput {
  /** As given to the start command; parsed by the activity. */
  file: unknown;
  firstRunId: string;
}

export interface OpenUndoInput {
  /** As given to the start command; parsed by the activity. */
  undo: unknown;
  firstRunId: string;
}

export interface OpenVerifyInput {
  /** As given to the start command; parsed by the activity. */
  verify: unknown;
  firstRunId: string;
}

export interface OpenRedriveInput {
  /** As given to the start command; parsed by the activity. */
  redrive: unknown;
  firstRunId: string;
}

export interface Opened extends KindOfRun {
  status: "opened";
  run: RunRef;
  /** Items per batch. */
  batchSize: number;
  /** What one call takes; one item where a run began before this was told. */
  itemsPerCall?: Readonly<Record<FanOutPhase, number>>;
  pace: Pace;
  /** The search attributes that this namespace has registered. */
  searchAttributes: readonly string[];
  /** For commands that are shown: where this Temporal server is. */
  temporalAddress: string;
}

/** The input cannot be used: the run fails with this sentence. */
export interface Refused {
  status: "refused";
  sentence: string;
}

export interface PhaseInput {
  run: RunRef;
  /** Codes of findings and failures that the operator accepted: they do not park the run any more. */
  accepted: readonly string[];
}

export interface BatchInput extends PhaseInput {
  phase: FanOutPhase;
  from: number;
  to: number;
}

export interface PrepareInput {
  run: RunRef;
  /** Failures with these codes are tried again. */
  retries: readonly string[];
  /** Null where the run stands in a phase without items. */
  phase: ItemPhase | null;
}

/** How many of a phase's items are settled; `of` is null while nobody can know it. */
export interface PhaseTotals {
  done: number;
  failed: number;
  skipped: number;
  of: number | null;
}

/** An operator's way past a provider that is not verified. */
export interface SkippedProvider {
  name: string;
  reason: string;
  /** Somebody signed in with it by hand: it counts as verified, and nobody is left behind. */
  works?: boolean;
}

export interface GateInput {
  run: RunRef;
  skipped: readonly SkippedProvider[];
  /** What the run knows already: the gate answers when something else holds. Null at first. */
  missing: readonly MissingProvider[] | null;
}

/** A provider that has a counterpart and is neither verified nor skipped. */
export interface MissingProvider {
  name: string;
  /** Why, as a stable word; null before it was looked at. */
  fault: string | null;
  /** What to do. Holds no secret and no personal data. */
  advice: string;
}

/** Where the gate stands: open once nothing is missing. */
export interface Gate {
  status: "gate";
  missing: readonly MissingProvider[];
  /** Those that an earlier run was told to go on without, or that they work. Earlier histories do not have it. */
  kept?: readonly KeptProvider[];
  totals: PhaseTotals;
}

/** A provider of which an earlier run was told, and which is not asked about again. */
export interface KeptProvider {
  name: string;
  reason: string;
  /** Told to work; else skipped. */
  works: boolean;
}

/** A share of a phase was done. */
export interface Progress {
  status: "more" | "complete";
  totals: PhaseTotals;
}

export interface OpenWork {
  status: "work";
  ranges: readonly { from: number; to: number }[];
  totals: PhaseTotals;
}

/** Calls a second. */
export interface Pace {
  writesPerSecond: number;
  readsPerSecond: number;
  callsPerSecond: number;
  pagesPerSecond: number;
  /** Reset mails. */
  resetsPerSecond: number;
}

/** What of the ledger is remembered outside of it. */
export interface LedgerMark {
  /** Mails that are done or skipped: those that failed may be open again. */
  settled: number;
  /** Of the ledger's file or server. */
  incarnation: string;
}

/** Where the reset campaign stands before its next mails. */
export type ResetStep = ResetStepOf & {
  /** Earlier workers did not say it. */
  mark?: LedgerMark;
};

export type ResetStepOf =
  /**
   * Send these, as far as they were not put off beyond `dueByMs`; `isCanary` for the first ones, after which an approval is
   * waited for. `ahead`: as many mails may follow one another from here on, without a wait for a person or the clock.
   */
  | {
      status: "send";
      from: number;
      to: number;
      dueByMs: number;
      ahead: number;
      isCanary: boolean;
      totals: PhaseTotals;
    }
  /** The send window is shut, today's mails are sent, or those that are left were put off; `why` says until when. */
  | { status: "wait"; forMs: number; why: string; totals: PhaseTotals }
  | ({ status: "approval"; totals: PhaseTotals } & BeforeApproval)
  | { status: "complete"; totals: PhaseTotals };

/** What is known before a person approves the mails. */
export interface BeforeApproval {
  /** Those who come first, whoever mailed them; nobody where the file wants none, or an earlier run had them. */
  first: readonly FirstMail[];
  /** Whether earlier runs mailed people. */
  isLater: boolean;
  /** What nobody can know of mails that went out before, in sentences; null where all is known. */
  cannotKnow: string | null;
  /** What an approval leads to. Earlier workers did not say it. */
  ahead?: MailsAhead;
  /** They are not the destination's. */
  areOwn?: boolean;
  /**
   * Which question of this run it is, from 0 on: another one is asked where the mails have another sender, or other texts,
   * than those that somebody could look at before. Earlier workers did not say it.
   */
  asking?: number;
}

export interface MailsAhead {
  mails: number;
  /** About when the last one goes out, and how fast they do, in words. */
  lastAt: string;
  pace: string;
  /** When that was so: whoever approves later mails later. Earlier workers did not say it. */
  ifAt?: string;
  /** Of those who are due, how many were mailed before this run, or may have been. */
  before: number;
}

/** What became of the mail to one of the first ones, in the words of the report. */
export interface FirstMail {
  sub: string;
  outcome: ResetOutcome;
  reason: string | null;
  /** It ended so before this run. */
  isEarlier?: true;
}

export interface ResetInput {
  run: RunRef;
  approved: boolean;
  /** Which question was answered with it; absent where an earlier worker asked. */
  asking?: number;
  /** What the run knew last; null before the first step. */
  mark: LedgerMark | null;
}

export interface ResetBatchInput extends PhaseInput {
  from: number;
  to: number;
  dueByMs: number;
  ahead: number;
  isCanary: boolean;
  /** As it was when the batch was planned; null where nobody said it. */
  mark: LedgerMark | null;
}

/** A batch of mails ended; `waitMs` where no more may go out for now, and why, and until when. */
export interface ResetsSent {
  status: "sent";
  totals: PhaseTotals;
  waitMs: number;
  why: string;
  /** Where the ledger has gone back: what it knows by now. */
  mark?: LedgerMark;
}

export interface AlertInput {
  /** Null before the run has opened its ledger. */
  run: RunRef | null;
  phase: Phase;
  code: string;
  sentence: string;
  /** The command that answers; where it takes several, the first. */
  command: string;
  steps: readonly Step[];
}

/** What a run made, changed and removed at the destination; of a dry run, what one would. */
export interface Changes {
  made: number;
  changed: number;
  removed: number;
}

export type ChangesOfRun = Record<"users" | "memberships", Changes>;

/** What an undo did, or would do, by what it is about. */
export interface UndoSummary extends Ended {
  mode: "undo";
  ledgerId: string;
  /** Absent where an earlier worker closed the run. */
  environment?: string;
  of: Readonly<Record<PlacedKind, UndoCounts>>;
  /** People whom this migration had mailed: no undo takes a mail back. */
  mailed: number;
  /** Secrets of removed applications, which are in the secret store still. */
  secretsKept: number;
}

export interface UndoCounts {
  /** Of what this migration made. */
  removed: number;
  /** Of what it adopted: as it was before. */
  restored: number;
  /** Left as they are, by why. */
  kept: Readonly<Record<string, number>>;
  failed: Readonly<Record<string, number>>;
}

/** When each phase of a run was at work, in epoch milliseconds. `toMs` is null while it is. */
export type TimesOfPhases = Partial<Record<Phase, { fromMs: number; toMs: number | null }>>;

/** What every kind of run tells at its end beside its own. */
interface Ended {
  /** Runs that earlier workers began do not say it. */
  times?: TimesOfPhases;
}

/** What a run returns. */
export type EndOfRun = RunSummary | UndoSummary | VerifySummary | RedriveSummary;

/** What came of trying again what had failed. */
export interface RedriveSummary extends Ended {
  mode: "redrive";
  ledgerId: string;
  environment: string;
  /** Items that were tried again. */
  tried: number;
  /** Items of people of whom Cognito says something else than the run was planned by. */
  changed: number;
  /** Items of the run that have failed still, these among them. */
  failed: number;
  /** How everyone has ended by now. */
  people: Pick<RunSummary, "listed" | "imported" | "merged" | "skipped" | "failed" | "open">;
  /** Reset mails of the run and of this; null where it sends none. */
  mails: MailsOfRun | null;
  /** Where the destination does not hold what was written. */
  differences: number | null;
}

/** Whether the destination holds what was written. */
export interface VerifySummary extends Ended {
  mode: "verify";
  ledgerId: string;
  /** Absent where an earlier worker closed the run. */
  environment?: string;
  /** Whose accounts stand by the ledger. */
  people: number;
  differences: number;
}

/** Whole seconds, by phase. */
export type WriteSeconds = Readonly<Record<"structure" | "users" | "memberships" | "resets", number>>;

/** How everyone of the pool ended. */
export interface RunSummary extends Ended {
  mode?: never;
  /** Whose counts these are. Runs that earlier workers closed did not say it, nor what follows below. */
  ledgerId?: string;
  environment?: string;
  listed: number;
  imported: number;
  merged: number;
  skipped: number;
  failed: number;
  open: number;
  dryRun?: boolean;
  /** Reset mails of this run; null where it sends none. */
  resets?: PhaseTotals | null;
  /** The same by reason; of a dry run, the mails that a run would send. Null where the file sends none. */
  mails?: MailsOfRun | null;
  /** Of a dry run: how long the phases that write would take at the file's pace. */
  seconds?: WriteSeconds;
  /** Findings of a dry run at which a run would park. */
  blockers?: number;
  changes?: ChangesOfRun;
  /** People who stay out until the file names who of them comes along. */
  undecided?: number;
  /** People who were disabled since the import, and whose account works. */
  disabledSince?: number;
  /** People whose account has another address than Cognito has today: a person decides. */
  otherAddresses?: number;
  /** Where the destination does not hold what was written; null where nobody looked. */
  differences?: number | null;
  /** The same in one word. */
  verification?: Verification | null;
}

/** People by how their reset mail ended. */
export interface MailsOfRun {
  mailed: number;
  /** One mail may be out. */
  unsettled: number;
  failed: readonly ReasonCount[];
  /** Their turn came, and they were not mailed. */
  heldBack: readonly ReasonCount[];
  /** The rules mail them not at all. */
  notDue: readonly ReasonCount[];
  /** Of those who are due, whom earlier runs have mailed, or may have. */
  before: number;
  /** They went by the approval of an earlier run. Earlier workers did not say it. */
  approvedEarlier?: true;
}

export interface ReasonCount {
  reason: string;
  people: number;
}

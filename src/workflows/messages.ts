import { ApplicationFailure, defineQuery, defineUpdate } from "@temporalio/workflow";
import type {
  FirstMail,
  KeptProvider,
  MissingProvider,
  Pace,
  PhaseTotals,
  SkippedProvider,
  Step,
  TimesOfPhases,
} from "../domain/contract.ts";
import { MAX_PER_SECOND } from "../domain/per-second.ts";
import type { FanOutPhase, Phase } from "../domain/phases.ts";
import { notWaitedFor, refusedReason } from "../domain/sentence.ts";
import { terminalText } from "../domain/terminal-text.ts";
import type { Verification } from "../domain/verification.ts";
import { APPROVALS, type Approval, type RunState } from "./state.ts";

/** What operators can ask of a run and tell it. */

export interface ProgressAnswer {
  state: RunState;
  phase: Phase;
  /** The run's; null before it has opened it. Earlier workers did not say it. */
  ledgerId?: string | null;
  /** Of the destination; the same holds. */
  environment?: string | null;
  /** Those that the run goes through; null before it has opened its ledger. Earlier workers did not say it. */
  program?: readonly Phase[] | null;
  /** What the run waits for, and the command that answers; where it takes several, the first. Null while it works. */
  waitsFor: { code: string; sentence: string; command: string; steps: readonly Step[] } | null;
  /** Identity providers that the gate waits for. */
  missingProviders: readonly MissingProvider[];
  /** Those that it lets pass by what an earlier run was told. Earlier workers did not say it. */
  keptProviders?: readonly KeptProvider[];
  /** Who was to be mailed first, and what became of it, while the mails wait for an approval. */
  firstMails: readonly FirstMail[];
  phases: { phase: Phase; totals: PhaseTotals }[];
  /** Of the phases so far. Earlier workers did not say it. */
  times?: TimesOfPhases;
  pace: Pace | null;
  /** What one call takes. Earlier workers did not say it. */
  itemsPerCall?: Readonly<Record<FanOutPhase, number>> | null;
  /** At least this long at the present pace; null where nobody can know. */
  secondsLeft: number | null;
  /** What `verify` came to, once the run is done; null where nobody looked. Earlier workers did not say it. */
  verification?: Verification | null;
}

export interface ResumeInput {
  /** Codes that do not park the run any more. */
  accept?: string[];
}

export const pauseUpdate = defineUpdate<string>("pause");
export const resumeUpdate = defineUpdate<string, [ResumeInput | undefined]>("resume");
export const skipProviderUpdate = defineUpdate<string, [SkippedProvider]>("skipProvider");
export const approveUpdate = defineUpdate<string, [{ step: Approval }]>("approve");
export const setPaceUpdate = defineUpdate<Pace, [Partial<Pace>]>("setPace");
export const progressQuery = defineQuery<ProgressAnswer>("progress");

const PACE_KEYS: readonly (keyof Pace)[] = [
  "writesPerSecond",
  "readsPerSecond",
  "callsPerSecond",
  "pagesPerSecond",
  "resetsPerSecond",
];
const MAX_ACCEPTED = 100;
const MAX_REASON_LENGTH = 500;

/** Inputs that are right, for whoever sends a wrong one. */
const EXAMPLES = {
  setPace: '{"writesPerSecond": 20}',
  resume: '{"accept": ["attribute_over_limit"]}',
  skipProvider: '{"name": "Google", "reason": "turned off last year"}',
  approve: `{"step": "${APPROVALS.join('" or "')}"}`,
} as const;

/** Throws one sentence for the operator. */
export function validatePace(pace: unknown): void {
  const entries = Object.entries(objectOf(pace, "setPace"));
  if (entries.length === 0) refuse(`setPace needs at least one of ${PACE_KEYS.join(", ")}.`);
  for (const [key, value] of entries) {
    if (!PACE_KEYS.some((known) => known === key))
      refuse(`setPace does not know "${key}"; it knows ${PACE_KEYS.join(", ")}.`);
    if (typeof value !== "number" || !(value > 0 && value <= MAX_PER_SECOND))
      refuse(`setPace: "${key}" must be a number over 0, at most ${MAX_PER_SECOND}; use pause to stop.`);
  }
}

/** Throws one sentence for the operator. `acceptable` are the codes that the run is parked for now. */
export function validateResume(input: unknown, acceptable: readonly string[]): void {
  if (input === undefined || input === null) return;
  for (const [key, value] of Object.entries(objectOf(input, "resume"))) {
    if (key !== "accept") refuse(`resume does not know "${key}"; it knows accept.`);
    const isList = Array.isArray(value) && value.length <= MAX_ACCEPTED;
    if (!isList || !value.every((code) => typeof code === "string"))
      refuse(`resume: "accept" must be a list of codes, for example ${EXAMPLES.resume}.`);
    for (const code of value) if (!acceptable.includes(code)) refuse(notAcceptable(code, acceptable));
  }
}

/** A code that was kept although nothing parks for it would let something through later, unseen. */
function notAcceptable(code: string, acceptable: readonly string[]): string {
  const may = acceptable.map((one) => `"${one}"`).join(" or ");
  return may === ""
    ? `resume cannot accept "${code}": nothing can be accepted now; leave it out.`
    : `resume cannot accept "${code}": what may be accepted now is ${may}.`;
}

/** Throws one sentence for the operator. `missing` are the providers that the run waits for now. */
export function validateSkipProvider(input: unknown, missing: readonly string[]): void {
  const { name, reason, works, ...rest }: Record<string, unknown> = { ...objectOf(input, "skipProvider") };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined)
    refuse(`skipProvider does not know "${unknown}"; it knows name, reason and works.`);
  if (typeof name !== "string" || typeof reason !== "string")
    refuse(`skipProvider needs both, for example ${EXAMPLES.skipProvider}.`);
  if (works !== undefined && typeof works !== "boolean")
    refuse('skipProvider: "works" is true where somebody signed in with it by hand.');
  if (reason.length > MAX_REASON_LENGTH)
    refuse(`skipProvider: "reason" must have at most ${MAX_REASON_LENGTH} characters.`);
  const refusal = refusedReason(reason) ?? notWaitedFor(name, missing);
  if (refusal !== null) refuse(refusal);
}

/** Throws one sentence for the operator. `waits` says whether the run stands before this step now. */
export function validateApprove(input: unknown, waits: (step: Approval) => boolean): void {
  const { step, ...rest }: Record<string, unknown> = { ...objectOf(input, "approve") };
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) refuse(`approve does not know "${unknown}"; it knows step.`);
  const known = APPROVALS.find((one) => one === step);
  if (known === undefined) refuse(`approve needs a step: ${EXAMPLES.approve}.`);
  if (!waits(known)) refuse(`The run does not wait for an approval of "${known}" now.`);
}

function objectOf(input: unknown, update: keyof typeof EXAMPLES): object {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    refuse(`The input of ${update} must be a JSON object, for example ${EXAMPLES[update]}.`);
  return input;
}

/** Rejects an update with one sentence. */
export function refuse(sentence: string): never {
  throw ApplicationFailure.nonRetryable(terminalText(sentence), "Refused");
}

import { ApplicationFailure, defineQuery, defineUpdate } from "@temporalio/workflow";
import type { Phase } from "../phases.ts";
import type { Pace, PhaseTotals } from "./contract.ts";
import type { RunState } from "./state.ts";

/** What operators can ask of a run and tell it. */

export interface ProgressAnswer {
  state: RunState;
  phase: Phase;
  /** What the run waits for, and the command that answers; null while it works. */
  waitsFor: { code: string; sentence: string; command: string } | null;
  phases: { phase: Phase; totals: PhaseTotals }[];
  pace: Pace | null;
  /** At least this long at the present pace; null where nobody can know. */
  secondsLeft: number | null;
}

export interface ResumeInput {
  /** Codes that do not park the run any more. */
  accept?: string[];
}

export const pauseUpdate = defineUpdate<string>("pause");
export const resumeUpdate = defineUpdate<string, [ResumeInput | undefined]>("resume");
export const setPaceUpdate = defineUpdate<Pace, [Partial<Pace>]>("setPace");
export const progressQuery = defineQuery<ProgressAnswer>("progress");

const PACE_KEYS: readonly (keyof Pace)[] = [
  "writesPerSecond",
  "readsPerSecond",
  "callsPerSecond",
  "pagesPerSecond",
];
const MAX_PER_SECOND = 100_000;
const MAX_ACCEPTED = 100;

/** Throws one sentence for the operator. */
export function validatePace(pace: unknown): void {
  const entries = Object.entries(objectOf(pace));
  if (entries.length === 0) refuse(`setPace needs at least one of ${PACE_KEYS.join(", ")}.`);
  for (const [key, value] of entries) {
    if (!PACE_KEYS.some((known) => known === key))
      refuse(`setPace does not know "${key}"; it knows ${PACE_KEYS.join(", ")}.`);
    if (typeof value !== "number" || !(value > 0 && value <= MAX_PER_SECOND))
      refuse(`setPace: "${key}" must be a number over 0, at most ${MAX_PER_SECOND}; use pause to stop.`);
  }
}

/** Throws one sentence for the operator. */
export function validateResume(input: unknown): void {
  if (input === undefined || input === null) return;
  for (const [key, value] of Object.entries(objectOf(input))) {
    if (key !== "accept") refuse(`resume does not know "${key}"; it knows accept.`);
    const isList = Array.isArray(value) && value.length <= MAX_ACCEPTED;
    if (!isList || !value.every((code) => typeof code === "string"))
      refuse('resume: "accept" must be a list of codes, for example {"accept": ["no_clear_answer"]}.');
  }
}

function objectOf(input: unknown): object {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    refuse('The input must be a JSON object, for example {"writesPerSecond": 20}.');
  return input;
}

/** Rejects an update with one sentence. */
export function refuse(sentence: string): never {
  throw ApplicationFailure.nonRetryable(sentence, "Refused");
}

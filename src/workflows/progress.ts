import {
  defineSearchAttributeKey,
  SearchAttributeType,
  type SearchAttributeUpdatePair,
} from "@temporalio/common";
import { setCurrentDetails, upsertSearchAttributes } from "@temporalio/workflow";
import type { PhaseTotals } from "../domain/contract.ts";
import { PHASES, phasesOf } from "../domain/phases.ts";
import { asInstalled } from "../domain/programs.ts";
import { shellLine } from "../domain/shell-line.ts";
import { detailsOf } from "./details.ts";
import type { ProgressAnswer } from "./messages.ts";
import { secondsLeft, settled } from "./seconds-left.ts";
import { firstMailsOf, isWaiting, runState, type State } from "./state.ts";
import { type Waits, waitsFor } from "./waits.ts";

const SEARCH_ATTRIBUTES = {
  MigrationPhase: defineSearchAttributeKey("MigrationPhase", SearchAttributeType.KEYWORD),
  MigrationState: defineSearchAttributeKey("MigrationState", SearchAttributeType.KEYWORD),
  UsersImported: defineSearchAttributeKey("UsersImported", SearchAttributeType.INT),
  UsersFailed: defineSearchAttributeKey("UsersFailed", SearchAttributeType.INT),
  PercentDone: defineSearchAttributeKey("PercentDone", SearchAttributeType.DOUBLE),
} as const;

/** Shows where the run stands, in the details of the Temporal UI: costs no history event. */
export function showDetails(state: State): void {
  setCurrentDetails(detailsOf(state, waitsFor(state), secondsLeft(state), Date.now()));
}

/** The same, and in the search attributes that this namespace has: costs one history event. */
export function showProgress(state: State): void {
  showDetails(state);
  // An undo counts whom it removed.
  const users = state.opened?.mode === "undo" ? undefined : state.totals.users;
  const { MigrationPhase, MigrationState, UsersImported, UsersFailed, PercentDone } = SEARCH_ATTRIBUTES;
  const pairs: SearchAttributeUpdatePair[] = [
    { key: MigrationPhase, value: state.phase },
    { key: MigrationState, value: runState(state) },
    { key: UsersImported, value: users?.done ?? 0 },
    { key: UsersFailed, value: users?.failed ?? 0 },
    { key: PercentDone, value: percentOf(state.totals.users) },
  ];
  const registered = state.opened?.searchAttributes ?? [];
  // An attribute that the namespace does not know would fail the workflow task for ever.
  const known = pairs.filter(({ key }) => registered.includes(key.name));
  if (known.length > 0) upsertSearchAttributes(known);
}

export function progressOf(state: State): ProgressAnswer {
  const waits = waitsFor(state);
  return {
    state: runState(state),
    phase: state.phase,
    ledgerId: state.opened?.run.ledgerId ?? null,
    environment: state.opened?.run.environment ?? null,
    program: state.opened === null ? null : phasesOf(state.opened),
    waitsFor: waits === null ? null : answerOf(waits),
    missingProviders: isWaiting(state) ? (state.missing ?? []) : [],
    keptProviders: isWaiting(state) ? (state.keptProviders ?? []) : [],
    firstMails: firstMailsOf(state),
    phases: PHASES.flatMap((phase) => {
      const totals = state.totals[phase];
      return totals === undefined ? [] : [{ phase, totals }];
    }),
    times: state.times ?? {},
    pace: state.opened?.pace ?? null,
    itemsPerCall: state.opened?.itemsPerCall ?? null,
    secondsLeft: secondsLeft(state),
    verification: state.verification ?? null,
  };
}

/** For whoever is asked or called. */
export function answerOf({ code, sentence, steps }: Waits): NonNullable<ProgressAnswer["waitsFor"]> {
  const told = steps.map(({ to, words }) => ({ to, command: asInstalled(shellLine(words)) }));
  return { code, sentence: asInstalled(sentence), command: told[0]?.command ?? "", steps: told };
}

function percentOf(totals: PhaseTotals | undefined): number {
  if (totals === undefined) return 0;
  if (totals.of === null || totals.of === 0) return totals.of === 0 ? 100 : 0;
  return Math.round((1_000 * settled(totals)) / totals.of) / 10;
}

import {
  defineSearchAttributeKey,
  SearchAttributeType,
  type SearchAttributeUpdatePair,
} from "@temporalio/common";
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from "@temporalio/workflow";
import { isItemPhase, PHASES } from "../phases.ts";
import { shellLine } from "../shell-line.ts";
import type { PhaseTotals } from "./contract.ts";
import type { ProgressAnswer } from "./messages.ts";
import { grouped } from "./numbers.ts";
import { type Hold, isWaiting, runState, type State } from "./state.ts";

export const SEARCH_ATTRIBUTES = {
  MigrationPhase: defineSearchAttributeKey("MigrationPhase", SearchAttributeType.KEYWORD),
  MigrationState: defineSearchAttributeKey("MigrationState", SearchAttributeType.KEYWORD),
  UsersImported: defineSearchAttributeKey("UsersImported", SearchAttributeType.INT),
  UsersFailed: defineSearchAttributeKey("UsersFailed", SearchAttributeType.INT),
  PercentDone: defineSearchAttributeKey("PercentDone", SearchAttributeType.DOUBLE),
} as const;

/** Shows where the run stands, in the details of the Temporal UI: costs no history event. */
export function showDetails(state: State): void {
  setCurrentDetails(markdown(state));
}

/** The same, and in the search attributes that this namespace has: costs one history event. */
export function showProgress(state: State): void {
  showDetails(state);
  const users = state.totals.users;
  const { MigrationPhase, MigrationState, UsersImported, UsersFailed, PercentDone } = SEARCH_ATTRIBUTES;
  const pairs: SearchAttributeUpdatePair[] = [
    { key: MigrationPhase, value: state.phase },
    { key: MigrationState, value: runState(state) },
    { key: UsersImported, value: users?.done ?? 0 },
    { key: UsersFailed, value: users?.failed ?? 0 },
    { key: PercentDone, value: users === undefined ? 0 : percent(users) },
  ];
  const registered = state.opened?.searchAttributes ?? [];
  // An attribute that the namespace does not know would fail the workflow task for ever.
  const known = pairs.filter(({ key }) => registered.includes(key.name));
  if (known.length > 0) upsertSearchAttributes(known);
}

export function progressOf(state: State): ProgressAnswer {
  return {
    state: runState(state),
    phase: state.phase,
    waitsFor: waitsFor(state),
    missingProviders: isWaiting(state) ? (state.missing ?? []) : [],
    phases: PHASES.flatMap((phase) => {
      const totals = state.totals[phase];
      return totals === undefined ? [] : [{ phase, totals }];
    }),
    pace: state.opened?.pace ?? null,
    secondsLeft: secondsLeft(state),
  };
}

/** The command that lets a parked run go on, ready to be pasted. */
function resumeCommand(state: State): string {
  return updateCommand(state, "resume");
}

function updateCommand(state: State, name: string): string {
  const { namespace, workflowId } = workflowInfo();
  const address = state.opened === null ? "" : ` --address ${state.opened.temporalAddress}`;
  return `temporal workflow update execute${address} --namespace ${namespace} --workflow-id ${workflowId} --name ${name}`;
}

function skipCommand(state: State, provider: string): string {
  const input = JSON.stringify({ name: provider, reason: "why" });
  return `${updateCommand(state, "skipProvider")} --input ${shellLine([input])}`;
}

/** What the run waits for; null while it works. */
export function waitsFor(state: State): ProgressAnswer["waitsFor"] {
  const command = resumeCommand(state);
  if (state.blocked !== null) return { code: state.blocked.code, sentence: state.blocked.sentence, command };
  if (state.paused) return { code: "paused", sentence: "An operator paused the run.", command };
  if (isWaiting(state)) return waitsForProviders(state);
  return state.hold == null ? null : waitsOnHold(state, state.hold);
}

function waitsForProviders(state: State): ProgressAnswer["waitsFor"] {
  const missing = state.missing ?? [];
  const names = missing.map(({ name }) => name).join(", ");
  const sentence = `The run goes on by itself once these identity providers lead to the same sign-in as at Cognito: ${names}. To go on without one:`;
  return { code: "providers", sentence, command: skipCommand(state, missing[0]?.name ?? "") };
}

function waitsOnHold(state: State, hold: Hold): ProgressAnswer["waitsFor"] {
  if (hold.kind === "clock") return { code: "clock", sentence: hold.why, command: resumeCommand(state) };
  const sentence =
    "The first reset mails are out. Look whether they arrived, whether the link leads to your sign-in, and whether a new password works; then approve the others:";
  const input = shellLine([JSON.stringify({ step: hold.step })]);
  return {
    code: `approval_${hold.step}`,
    sentence,
    command: `${updateCommand(state, "approve")} --input ${input}`,
  };
}

/** A point for each provider that the gate waits for: in a table of the Temporal UI the advice would be a narrow column. */
function missingList(state: State): string[] {
  if (!isWaiting(state)) return [];
  const points = (state.missing ?? []).map(({ name, fault, advice }) => {
    const found = fault === null ? "" : ` (${fault})`;
    return `- **${name}**${found}: ${advice}`;
  });
  return [...points, ""];
}

function markdown(state: State): string {
  const waits = waitsFor(state);
  const head =
    waits === null
      ? [`**${runState(state)}**`, ""]
      : [`**${runState(state)}**: ${waits.sentence}`, "", "```", waits.command, "```", ""];
  const rows = PHASES.map((phase) => {
    const name = phase === state.phase && !state.done ? `**${phase}**` : phase;
    const totals = state.totals[phase];
    if (totals === undefined) return row([name, "", "", "", ""]);
    const { done, failed, skipped, of } = totals;
    return row([name, grouped(done), grouped(failed), grouped(skipped), of === null ? "?" : grouped(of)]);
  });
  const table = [
    row(["phase", "done", "failed", "skipped", "of"]),
    "| --- | ---: | ---: | ---: | ---: |",
    ...rows,
  ];
  return [...head, ...missingList(state), ...table, "", ...footer(state)].join("\n");
}

/** The Temporal UI puts no space between the columns of a table. */
const GAP = "\u00a0\u00a0\u00a0";

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell, column) => (column === 0 ? cell : `${GAP}${cell}`)).join(" | ")} |`;
}

function footer(state: State): string[] {
  const pace = state.opened?.pace;
  if (pace === undefined || state.done) return [];
  const left = secondsLeft(state);
  const time = left === null ? "" : `; at least ${minutes(left)} left in this phase`;
  const speed =
    state.phase === "resets"
      ? `${pace.resetsPerSecond} mails/s`
      : `${pace.writesPerSecond} writes/s, ${pace.pagesPerSecond} Cognito pages/s`;
  return [`Pace: ${speed}${time}.`];
}

function minutes(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

function secondsLeft(state: State): number | null {
  const totals = isItemPhase(state.phase) ? state.totals[state.phase] : undefined;
  const pace = state.opened?.pace;
  if (state.phase === "credentials" || totals === undefined || totals.of === null || pace === undefined)
    return null;
  const perSecond = state.phase === "resets" ? pace.resetsPerSecond : pace.writesPerSecond;
  return Math.ceil((totals.of - settled(totals)) / perSecond);
}

function percent(totals: PhaseTotals): number {
  if (totals.of === null || totals.of === 0) return totals.of === 0 ? 100 : 0;
  return Math.round((1_000 * settled(totals)) / totals.of) / 10;
}

function settled({ done, failed, skipped }: PhaseTotals): number {
  return done + failed + skipped;
}

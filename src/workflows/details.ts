import type { StepInWords } from "../domain/contract.ts";
import { duration } from "../domain/duration.ts";
import { markdownProse, markdownText } from "../domain/markdown.ts";
import { fateOf } from "../domain/outcomes.ts";
import { type Mode, PHASES, phasesOf } from "../domain/phases.ts";
import { asInstalled } from "../domain/programs.ts";
import { explainedBy } from "../domain/sentence.ts";
import { shellLine, shellLines } from "../domain/shell-line.ts";
import { grouped } from "./numbers.ts";
import { firstMailsOf, isWaiting, runState, type State } from "./state.ts";
import type { Waits } from "./waits.ts";

/** What the Temporal UI shows of a run, as Markdown: its state first, then what it waits for, then the counts. */
export function detailsOf(
  state: State,
  waits: Waits | null,
  secondsLeft: number | null,
  nowMs: number,
): string {
  const parts = [
    headline(state, waits),
    ...(waits === null ? [] : [shortLines(waits.sentence), ...waits.steps.flatMap(step)]),
    ...(waits !== null && state.blocked !== null ? [markdownProse(explainedBy(waits.code))] : []),
    ...missingProviders(state),
    ...firstMails(state),
    table(state),
    ...pace(state, secondsLeft),
    // A page that is open keeps them while no worker is there to draw them anew.
    `As of ${new Date(nowMs).toISOString().slice(0, DAY_AND_MINUTE)} UTC.`.replace("T", " "),
  ];
  return asInstalled(parts.join("\n\n"));
}

function headline(state: State, waits: Waits | null): string {
  const kind = KINDS[state.opened?.mode ?? "migrate"];
  return kind === null ? standing(state, waits) : `${kind}: ${standing(state, waits)}`;
}

/** Of what is no migration: counts of people mean something else there. */
const KINDS: Readonly<Record<Mode, string | null>> = {
  migrate: null,
  undo: "Undo",
  verify: "Verification",
  redrive: "Redrive",
};

function standing(state: State, waits: Waits | null): string {
  const name = runState(state);
  if (state.done) return state.verification == null ? `**${name}**` : `**${name}**, ${state.verification}`;
  const why = waits === null ? "" : `: \`${waits.code}\``;
  return `**${name}** in ${state.phase}${why}`;
}

const DAY_AND_MINUTE = "2026-01-31T12:00".length;

/** Up to a full stop and a space, whatever stands in quotes and in backticks. */
const SENTENCE = /(?:"[^"]*"|`[^`]*`|\.(?! )|[^.])+\.?/g;

/** A line for each sentence. */
function shortLines(text: string): string {
  const sentences = text.match(SENTENCE) ?? [];
  return sentences.map((sentence) => markdownProse(sentence.trim())).join("\\\n");
}

/** The Temporal UI shows no more of a line of code. */
const MAX_COMMAND_LENGTH = 80;

function step({ to, words }: StepInWords): string[] {
  const line = shellLine(words);
  const command = ["```", line.length > MAX_COMMAND_LENGTH ? shellLines(words) : line, "```"].join("\n");
  return to === null ? [command] : [markdownProse(to), command];
}

/** A point for each provider that the gate waits for: in a table of the Temporal UI the advice would be a narrow column. */
function missingProviders(state: State): string[] {
  if (!isWaiting(state)) return [];
  const points = (state.missing ?? []).map(({ name, fault, advice }) => {
    const found = fault === null ? "" : ` (${fault})`;
    return `- **${markdownText(name)}**${found}: ${markdownProse(advice)}`;
  });
  return [points.join("\n")];
}

/** A point for each of those who were to be mailed first. */
function firstMails(state: State): string[] {
  const points = firstMailsOf(state).map(
    (mail) => `- ${markdownText(mail.sub)}: ${markdownText(fateOf(mail))}`,
  );
  return points.length === 0 ? [] : [["The first ones:", "", ...points].join("\n")];
}

function table(state: State): string {
  const phases = state.opened === null ? PHASES : phasesOf(state.opened);
  const rows = phases.map((phase) => {
    const name = phase === state.phase && !state.done ? `**${phase}**` : phase;
    const totals = state.totals[phase];
    const time = timeOf(state.times?.[phase]);
    if (totals === undefined) return row([name, "", "", "", "", time]);
    const { done, failed, skipped, of } = totals;
    return row([
      name,
      grouped(done),
      grouped(failed),
      grouped(skipped),
      of === null ? "?" : grouped(of),
      time,
    ]);
  });
  const head = [
    row(["phase", "done", "failed", "skipped", "of", "time"]),
    "| --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  return [...head, ...rows].join("\n");
}

/** Of a phase at work, when it began: nobody draws this anew each second. */
function timeOf(time: { fromMs: number; toMs: number | null } | undefined): string {
  if (time === undefined) return "";
  const told = time.toMs === null ? `since ${utc(time.fromMs)}` : duration((time.toMs - time.fromMs) / 1_000);
  return told.replaceAll(" ", NO_BREAK);
}

function utc(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}

/** The Temporal UI puts no space between the columns of a table, and breaks cells to make room. */
const NO_BREAK = "\u00a0";
const GAP = NO_BREAK.repeat(2);

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell, column) => (column === 0 ? cell : `${GAP}${cell}`)).join(" | ")} |`;
}

function pace(state: State, secondsLeft: number | null): string[] {
  const perSecond = state.opened?.pace;
  if (perSecond === undefined || state.done) return [];
  const time = secondsLeft === null ? "" : `; at least ${duration(secondsLeft)} left in this phase`;
  const speed =
    state.phase === "resets"
      ? `${perSecond.resetsPerSecond} mails/s`
      : `${perSecond.writesPerSecond} writes/s, ${perSecond.pagesPerSecond} Cognito pages/s`;
  return [`Pace: ${speed}${time}.`];
}

/** Temporal refuses a summary of over 400 bytes of JSON (`limit.userMetadataSummarySize`), and a codec adds to it. */
const MAX_SUMMARY_BYTES = 200;

/** Which providers the gate waits for: the first ones, and how many more there are. */
export function gateSummary(missing: State["missing"]): string {
  if (missing === null) return "first look at the providers";
  const names = missing.map(({ name }) => markdownText(name));
  let shown = 0;
  while (shown < names.length && bytesOf(waitsFor(names, shown + 1)) <= MAX_SUMMARY_BYTES) shown += 1;
  return waitsFor(names, shown);
}

function waitsFor(names: readonly string[], shown: number): string {
  const more = names.length - shown;
  if (shown === 0) return `waits for ${grouped(more)} providers`;
  return `waits for ${names.slice(0, shown).join(", ")}${more > 0 ? ` and ${grouped(more)} more` : ""}`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length;
}

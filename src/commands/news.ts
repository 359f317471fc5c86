import type { FirstMail, MissingProvider, Step } from "../domain/contract.ts";
import { fateOf } from "../domain/outcomes.ts";
import { explainedBy } from "../domain/sentence.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { wrapped } from "../wrap.ts";
import { gateText } from "./gate-text.ts";
import { workerHelp } from "./no-worker.ts";
import type { RunAnswer, Standing } from "./run-feed.ts";

type Open = Exclude<Standing, { kind: "done" | "failed" }>;

const GOES_ON = "The run goes on.";

/** A worker that has just started reads the history first. */
const PATIENT_LOOKS = 3;
const SILENT_HERE = "The worker here does not answer; trying on. Its log may tell why.";

/** What stands in a run's way, told once for each change. */
export class News {
  /** Empty while the run works. */
  #known = "";
  #missing: readonly MissingProvider[] = [];
  #silentLooks = 0;
  readonly #isWorkedHere: boolean;

  constructor(isWorkedHere = false) {
    this.#isWorkedHere = isWorkedHere;
  }

  /** Null for what has been told; else it begins with `stamp`. */
  of(standing: Open, columns: number, stamp = ""): string | null {
    const known = this.#known;
    this.#known = this.#isWorkedHere && standing.kind === "no_worker" ? this.#silent() : obstacleOf(standing);
    if (standing.kind !== "no_worker") this.#silentLooks = 0;
    if (this.#known === known) return null;
    const answer = standing.kind === "running" ? standing.answer : null;
    if (answer === null) return wrapped(`${stamp}${this.#known}`, columns);
    const before = this.#missing;
    this.#missing = isAtGate(answer) ? answer.missingProviders : [];
    if (answer.waitsFor === null) return `${stamp}${GOES_ON}`;
    const { command } = answer.waitsFor;
    const kept = answer.keptProviders ?? [];
    if (isAtGate(answer)) return gateText({ missing: this.#missing, before, kept, command }, columns, stamp);
    const sentence = wrapped(`${stamp}${answer.state}: ${answer.waitsFor.sentence}`, columns);
    const steps = answer.waitsFor.steps.map((step) => stepText(step, sentence, columns));
    const more = answer.state === "Blocked" ? [wrapped(explainedBy(answer.waitsFor.code), columns)] : [];
    const parts = [sentence, ...steps, ...more, ...firstMailsText(answer.firstMails)];
    return parts.join("\n");
  }

  /** Whoever works the run needs no other worker. */
  #silent(): string {
    this.#silentLooks += 1;
    return this.#silentLooks > PATIENT_LOOKS ? SILENT_HERE : this.#known;
  }

  /** Null unless the run went on and ended between two looks. */
  ofDone(stamp = ""): string | null {
    return this.#known === "" ? null : `${stamp}${GOES_ON}`;
  }
}

/** A line for each of those who were to be mailed first. */
export function firstMailsText(mails: readonly FirstMail[] = []): string[] {
  if (mails.length === 0) return [];
  return ["The first ones:", ...mails.map((mail) => `  ${terminalText(`${mail.sub}  ${fateOf(mail)}`)}`)];
}

function stepText({ to, command }: Step, sentence: string, columns: number): string {
  if (to === null && sentence.endsWith(":")) return `  ${command}`;
  return `${wrapped(to ?? "To go on:", columns)}\n  ${command}`;
}

/** What tells one obstacle from another: for nobody's answer its sentence. */
function obstacleOf(standing: Open): string {
  if (standing.kind === "unreachable") return "Temporal does not answer; trying on.";
  if (standing.kind === "no_worker")
    return `No worker answers: the run waits for one. ${workerHelp(standing)}`;
  const { answer } = standing;
  if (answer.waitsFor === null) return "";
  if (isAtGate(answer)) return JSON.stringify(answer.missingProviders);
  return JSON.stringify([answer.state, answer.waitsFor]);
}

/** Parked or paused there, a run waits for its operator instead. */
function isAtGate({ waitsFor }: RunAnswer): boolean {
  return waitsFor?.code === "providers";
}

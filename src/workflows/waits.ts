import { workflowInfo } from "@temporalio/workflow";
import type { Blocked, MissingProvider, StepInWords, Way } from "../domain/contract.ts";
import { inSentence, keptSentence } from "../domain/sentence.ts";
import { spillwayWords } from "../domain/shell-line.ts";
import { startArguments } from "../domain/start-command.ts";
import { runWords } from "../domain/workflow-id.ts";
import { approvalSentence } from "./approval.ts";
import { type Hold, isWaiting, type State } from "./state.ts";

/** What a run waits for, and the commands that answer. */
export interface Waits {
  code: string;
  /** May hold names from outside. */
  sentence: string;
  steps: readonly StepInWords[];
}

/** Null while the run works. */
export function waitsFor(state: State): Waits | null {
  const { blocked, paused, missing, hold, cancelled } = state;
  if (cancelled === true) return null;
  const resume = { to: null, words: words("resume") };
  if (blocked !== null)
    return { code: blocked.code, sentence: blocked.sentence, steps: stepsOf(state, blocked) };
  if (paused) return { code: "paused", sentence: "An operator paused the run.", steps: [resume] };
  const first = isWaiting(state) ? missing?.[0] : undefined;
  if (first !== undefined) return waitsForProviders(state, first);
  return hold === null ? null : waitsOnHold(hold, resume);
}

function stepsOf(state: State, { code, ways = ["resume"], first }: Blocked): StepInWords[] {
  const isOnly = ways.length === 1;
  const steps: Record<Way, () => StepInWords[]> = {
    resume: () => [
      {
        to:
          first !== undefined ? "Then:" : isOnly ? null : "Where the file is right, and the cause is mended:",
        words: words("resume"),
      },
    ],
    accept: () => [{ to: "To go on although it is so:", words: words("resume", "--accept", code) }],
    new_file: () => beginAnew(state, "Mend the file. Where `./spillway migrate` began this run:"),
    new_run: () => beginAnew(state, "Where `./spillway migrate` began this run:"),
  };
  return [...(first === undefined ? [] : [first]), ...ways.flatMap((way) => steps[way]())];
}

/** The run knows what its file says, and not where it lies. */
const FILE = "migration.json";

function beginAnew(state: State, to: string): StepInWords[] {
  return [
    { to, words: spillwayWords("migrate", ["--restart"], [FILE]) },
    { to: "Else cancel this run:", words: words("cancel") },
    { to: "Then start one, for example so:", words: startWords(state) },
  ];
}

function waitsForProviders(state: State, first: MissingProvider): Waits {
  const names = (state.missing ?? []).map(({ name }) => inSentence(name)).join(", ");
  const kept = (state.keptProviders ?? []).map((one) => `${keptSentence(one)} `).join("");
  return {
    code: "providers",
    sentence: `${kept}The run goes on by itself once these identity providers lead to the same sign-in as at Cognito: ${names}. To go on without one:`,
    steps: [{ to: null, words: skipWords(first.name) }],
  };
}

function waitsOnHold(hold: Hold, resume: StepInWords): Waits {
  if (hold.kind === "clock")
    return { code: "clock", sentence: hold.why, steps: [{ ...resume, to: LOOK_AT_ONCE }] };
  return {
    code: `approval_${hold.step}`,
    sentence: approvalSentence(hold),
    steps: [{ to: null, words: words("approve") }],
  };
}

const LOOK_AT_ONCE = "Nobody has to answer. To have it look at once, and wait again if nothing has changed:";

/** In the folder of the project: set-up puts nothing on the path. */
const TEMPORAL = "./temporal";

/** A command of ours about this run: it finds the server by itself. */
function words(verb: string, ...options: string[]): string[] {
  return runWords(verb, workflowInfo().workflowId, options);
}

function skipWords(provider: string): string[] {
  return runWords("skip", workflowInfo().workflowId, ["--reason", "…"], [provider]);
}

function startWords(state: State): string[] {
  const { taskQueue, workflowId } = workflowInfo();
  return [TEMPORAL, ...startArguments(addressWords(state), taskQueue, workflowId, FILE)];
}

/** Which server it is, as far as the run knows. */
function addressWords({ opened }: State): string[] {
  const address = opened === null ? [] : ["--address", opened.temporalAddress];
  return [...address, "--namespace", workflowInfo().namespace];
}

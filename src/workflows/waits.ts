import { workflowInfo } from "@temporalio/workflow";
import type { MissingProvider } from "../domain/contract.ts";
import { type Hold, isWaiting, type State } from "./state.ts";

/** What a run waits for, and the command that answers, word by word. */
export interface Waits {
  code: string;
  /** May hold names from outside. */
  sentence: string;
  words: readonly string[];
}

/** Null while the run works. */
export function waitsFor(state: State): Waits | null {
  const { blocked, paused, missing, hold } = state;
  const resume = updateWords(state, "resume");
  if (blocked !== null) return { code: blocked.code, sentence: blocked.sentence, words: resume };
  if (paused) return { code: "paused", sentence: "An operator paused the run.", words: resume };
  const first = isWaiting(state) ? missing?.[0] : undefined;
  if (first !== undefined) return waitsForProviders(state, first);
  return hold === null ? null : waitsOnHold(state, hold, resume);
}

function waitsForProviders(state: State, first: MissingProvider): Waits {
  const names = (state.missing ?? []).map(({ name }) => name).join(", ");
  return {
    code: "providers",
    sentence: `The run goes on by itself once these identity providers lead to the same sign-in as at Cognito: ${names}. To go on without one:`,
    words: updateWords(state, "skipProvider", { name: first.name, reason: "why" }),
  };
}

function waitsOnHold(state: State, hold: Hold, resume: readonly string[]): Waits {
  if (hold.kind === "clock") return { code: "clock", sentence: hold.why, words: resume };
  return {
    code: `approval_${hold.step}`,
    sentence:
      "The first reset mails are out. Look whether they arrived, whether the link leads to your sign-in, and whether a new password works; then approve the others:",
    words: updateWords(state, "approve", { step: hold.step }),
  };
}

/** The Temporal CLI's command that sends an update. */
function updateWords({ opened }: State, name: string, input?: object): string[] {
  const { namespace, workflowId } = workflowInfo();
  const address = opened === null ? [] : ["--address", opened.temporalAddress];
  return [
    ...["temporal", "workflow", "update", "execute", ...address, "--namespace", namespace],
    ...["--workflow-id", workflowId, "--name", name],
    ...(input === undefined ? [] : ["--input", JSON.stringify(input)]),
  ];
}

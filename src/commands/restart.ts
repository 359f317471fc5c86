import { once } from "node:events";
import {
  type Client,
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
} from "@temporalio/client";
import { UsageError } from "../exit.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { say } from "./say.ts";
import type { Screen } from "./screen.ts";
import type { UnderWay } from "./under-way.ts";

/** A run keeps the file that it began with: one that is to go by another one is ended first. */
export interface Restart {
  /** `--restart`: whatever is under way is ended. */
  isAsked: boolean;
  /** What stands otherwise in the file of the run under way; null where nothing does. */
  others(begunWith: unknown): string[] | null;
  /** The command that ends it, and begins anew. */
  command: string;
}

/** Whether the run under way is to be ended, and one begun with this file. Throws UsageError where somebody wants neither. */
export async function isWanted(restart: Restart, underWay: Pick<UnderWay, "input">): Promise<boolean> {
  if (restart.isAsked) return true;
  const others = restart.others(await underWay.input());
  if (others === null) return false;
  const found = `The run of this pool that is under way began with another file; these differ: ${others.join(", ")}.`;
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UsageError(
      `${found} Nothing was started or changed. To go on with that run, give its file; to cancel it and begin with this one: \`${restart.command}\``,
    );
  say(wrapped(found, columnsOf(process.stdout)));
  return asked();
}

async function asked(): Promise<boolean> {
  const { select } = await import("@inquirer/prompts");
  const chosen = await select<"restart" | "attach" | "leave">({
    message: "Which file is it to be?",
    choices: [
      { value: "leave", name: "Leave, and change nothing" },
      {
        value: "restart",
        name: "This one: cancel the run and begin anew",
        description: "What it did stands, and the new one goes on from there.",
      },
      {
        value: "attach",
        name: "The one that it began with: go on",
        description: "This file is not looked at.",
      },
    ],
  });
  if (chosen === "leave") throw new UsageError("Nothing was changed.");
  return chosen === "restart";
}

/**
 * Cancels the run that was under way when it was looked at, and resolves when it has ended: a worker on its queue has to be
 * at work. False where `stopped` comes first.
 */
export async function endFirst(
  client: Client,
  {
    workflowId,
    runId,
    firstRunId,
    isCancelled,
  }: Pick<UnderWay, "workflowId" | "runId" | "firstRunId" | "isCancelled">,
  screen: Screen,
  stopped: AbortSignal,
): Promise<boolean> {
  const chain = client.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: firstRunId });
  screen.say(
    isCancelled
      ? "The run that is under way was cancelled already: calls in flight finish…"
      : "Cancelling the run that is under way: calls in flight finish…",
  );
  try {
    if (!isCancelled) await chain.cancel();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const ended = hasEnded(client.workflow.getHandle(workflowId, runId));
  // Whoever leaves hears of nothing more.
  ended.catch(() => undefined);
  const left = once(stopped, "abort").then(() => false);
  if (stopped.aborted || !(await Promise.race([ended, left]))) return false;
  screen.say("It has ended. What it did stands, and this run goes on from there.");
  return true;
}

/** However it ends, it is over. */
async function hasEnded(run: WorkflowHandle): Promise<true> {
  try {
    await run.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
  }
  return true;
}

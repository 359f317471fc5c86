import type { Client } from "@temporalio/client";
import { workflowIdOf } from "../domain/workflow-id.ts";
import { UsageError } from "../exit.ts";
import type { UnderWay } from "./run-here.ts";
import { say } from "./say.ts";
import type { Screen } from "./screen.ts";
import { columnsOf, wrapped } from "./wrap.ts";

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
  const columns = columnsOf(process.stdout);
  say(
    wrapped(`The run of this pool that is under way began with another file: ${others.join(", ")}.`, columns),
  );
  if (process.stdin.isTTY && process.stdout.isTTY) return asked();
  say(
    wrapped(
      `It goes on with what it began with. To end it and begin with this file: \`${restart.command}\``,
      columns,
    ),
  );
  return false;
}

async function asked(): Promise<boolean> {
  const { select } = await import("@inquirer/prompts");
  const chosen = await select<"restart" | "attach" | "leave">({
    message: "Which file is it to be?",
    choices: [
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
      { value: "leave", name: "Leave, and change nothing" },
    ],
  });
  if (chosen === "leave") throw new UsageError("Nothing was changed.");
  return chosen === "restart";
}

/** Cancels the run under way, and resolves when it has ended: a worker on its queue has to be at work. */
export async function endFirst(client: Client, userPoolId: string, screen: Screen): Promise<void> {
  const handle = client.workflow.getHandle(workflowIdOf(userPoolId));
  screen.say("Cancelling the run that is under way: calls in flight finish…");
  await handle.cancel();
  // However it ends, it is over.
  await handle.result().catch(() => undefined);
  screen.say("It has ended. What it did stands, and this run goes on from there.");
}

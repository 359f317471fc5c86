import { Command, CommanderError } from "commander";
import { UsageError, wrongUse } from "../exit.ts";
import { addCheck } from "./check.ts";
import { addCredentials } from "./credentials.ts";
import { addLookup } from "./lookup.ts";
import { addMigrate } from "./migrate.ts";
import { addReport } from "./report.ts";
import { addTakeover } from "./takeover.ts";
import { addTimeline } from "./timeline.ts";
import { addWatch } from "./watch.ts";

/** Runs one command line; sets the exit code. */
export async function main(words: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) wrongUse(isPromptLeft(error) ? "Nothing was changed." : error);
    else if (error.exitCode !== 0) wrongUse(new UsageError(sentenceOf(error)));
  }
}

function createProgram(): Command {
  const program = new Command("spillway")
    .description("Moves the users of an AWS Cognito user pool to their next home.")
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false)
    .addHelpText(
      "after",
      "\nEach command has its own --help. Exit codes: 0 done, 1 failed, 2 wrong use or set-up.",
    );
  const commands = [addCheck, addMigrate, addWatch, addReport, addLookup, addCredentials, addTimeline];
  for (const add of [...commands, addTakeover]) add(program);
  return program;
}

/** "error: unknown option '--x'" → "Unknown option '--x'; see ./spillway --help." */
function sentenceOf({ code, message }: CommanderError): string {
  if (code === "commander.help") return "Name a command; ./spillway --help lists them.";
  const text = message
    .replace(/^error: /, "")
    .split("\n")
    .join(" ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; see ./spillway --help.`;
}

/** Ctrl-C at a prompt. */
function isPromptLeft(error: unknown): boolean {
  return error instanceof Error && error.name === "ExitPromptError";
}

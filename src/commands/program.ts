import { setImmediate } from "node:timers/promises";
import { Command, CommanderError, Help, type Option } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { pagesFolder } from "../called-as.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { complain, EXIT_STOPPED, UsageError, wrongUse } from "../exit.ts";
import { isPromptLeft } from "./confirm.ts";
import { defineCommands } from "./definitions.ts";
import { endWithOutput } from "./say.ts";

/** Runs one command line; sets the exit code. */
export async function main(words: readonly string[]): Promise<void> {
  endWithOutput();
  try {
    await createProgram().parseAsync(words, { from: "user" });
  } catch (error) {
    // Help and version end the same way, and are no mistake.
    if (isPromptLeft(error)) {
      complain("Nothing was changed.");
      process.exitCode = EXIT_STOPPED;
    } else if (!(error instanceof CommanderError)) wrongUse(error);
  }
  // Whoever ends the process cuts off what a slow reader has not taken yet.
  await Promise.all([process.stdout, process.stderr].map(flushed));
  // What could not be printed is told a moment later.
  await setImmediate();
}

/** Also where nobody can read it any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

function createProgram(): Command {
  const program = new Command("spillway")
    .description("Moves the users of an AWS Cognito user pool to their next home.")
    .version(manifest.version)
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false)
    .configureHelp({ optionDescription, commandUsage })
    .addHelpText(
      "after",
      () =>
        `\nEach command has its own --help. Exit codes: 0 done, 1 failed, 2 wrong use or set-up, 130 stopped here.${pagesLine()}`,
    );
  program.hook("preAction", (_, command) => refuseBlanks(command));
  defineCommands(program);
  explainMistakes(program, "./spillway");
  return program;
}

/** Those that a command cannot do without stand among the others. */
function optionDescription(option: Option): string {
  const described = new Help().optionDescription(option);
  return option.mandatory ? `${described} (required)` : described;
}

/** As it stands there the line works: it has the options that the command cannot do without. */
function commandUsage(command: Command): string {
  const mandatory = command.options.filter((option) => option.mandatory);
  return [new Help().commandUsage(command), ...mandatory.map(({ flags }) => flags)].join(" ");
}

function pagesLine(): string {
  const folder = pagesFolder();
  return folder === null ? "" : `\nPages that are named docs/… are in ${terminalText(folder)}.`;
}

/** A variable of a script that is not set would be taken for somebody, or for a choice. */
function refuseBlanks(command: Command): void {
  const isBlank = (value: unknown) => typeof value === "string" && value.trim() === "";
  const argument = command.registeredArguments.find((_, at) => isBlank(command.processedArgs[at]));
  const option = command.options.find((one) => isBlank(command.getOptionValue(one.attributeName())));
  const name = argument === undefined ? option?.long : `<${argument.name()}>`;
  if (name !== undefined && name !== null)
    throw new UsageError(`${name} is empty; see ${pathOf(command)} --help.`);
}

function pathOf(command: Command): string {
  return command.parent === null ? "./spillway" : `${pathOf(command.parent)} ${command.name()}`;
}

/** Whoever mistypes a command is led to the help of that one. */
function explainMistakes(command: Command, path: string): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : new UsageError(sentenceOf(error, `${path} --help`));
  });
  for (const child of command.commands) explainMistakes(child, `${path} ${child.name()}`);
}

/** "error: unknown option '--x'" → "Unknown option '--x'; see ./spillway check --help." */
function sentenceOf({ code, message }: CommanderError, help: string): string {
  if (code === "commander.help") return `Name a command; ${help} lists them.`;
  const text = message
    .replace(/^error: /, "")
    .split("\n")
    .join(" ")
    .replace(/\.$/, "");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}; see ${help}.`;
}

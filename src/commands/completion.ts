import type { Command } from "commander";
import { allExplained } from "../explain/find.ts";
import { say } from "./say.ts";

/** Scripts that complete a command line, made from the commands' definitions. Loaded once, they ask nothing of Spillway. */

export type Shell = "bash" | "zsh" | "fish";

/** A command, and what may stand behind it. */
interface Offer {
  /** "credentials status", or nothing for the program itself. */
  path: string;
  options: string[];
  /** Commands below it, or values of its argument. Empty where that is a file, or what nobody can list. */
  words: string[];
}

export function completion(shell: Shell, program: Command): void {
  const offers = offersOf(program, "");
  say({ bash: bashScript, zsh: zshScript, fish: fishScript }[shell](offers));
}

function offersOf(command: Command, path: string): Offer[] {
  const options = command.createHelp().visibleOptions(command);
  const offer = {
    path,
    options: options.flatMap(({ long }) => (long ? [long] : [])),
    words: wordsOf(command),
  };
  return [offer, ...command.commands.flatMap((one) => offersOf(one, `${path} ${one.name()}`.trim()))];
}

function wordsOf(command: Command): string[] {
  if (command.commands.length > 0) return command.commands.map((one) => one.name());
  if (command.name() === "explain") return codes();
  return command.registeredArguments[0]?.argChoices ?? [];
}

/** Without patterns such as http_<status>. */
function codes(): string[] {
  const all = allExplained().map(({ code }) => code);
  return [...new Set(all)].filter((code) => /^\w+$/.test(code)).toSorted();
}

function bashScript(offers: readonly Offer[]): string {
  return `# Load it with: source <(./spillway completion bash)
_spillway() {
  local current="\${COMP_WORDS[COMP_CWORD]}" command="" offered="" word
${posixLookUp(offers, `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`)}
  COMPREPLY=($(compgen -W "$offered" -- "$current"))
}
complete -o default -F _spillway spillway`;
}

function zshScript(offers: readonly Offer[]): string {
  return `# Load it after compinit with: source <(./spillway completion zsh)
_spillway() {
  local current="\${words[CURRENT]}" command="" offered="" word
${posixLookUp(offers, `"\${(@)words[2,CURRENT-1]}"`)}
  if [[ -n "$offered" ]]; then compadd -- \${=offered}; else _files; fi
}
compdef _spillway spillway`;
}

/** What bash and zsh read alike: which command the words before the cursor are, and what it offers. */
function posixLookUp(offers: readonly Offer[], words: string): string {
  const steps = stepsOf(offers).map(([from, to]) => `      "${from}") command="${to}" ;;`);
  const choices = offers.flatMap(({ path, options, words: own }) => [
    `    "${path}:-"*) offered="${options.join(" ")}" ;;`,
    `    "${path}:"*) offered="${own.join(" ")}" ;;`,
  ]);
  return `  for word in ${words}; do
    case "$command $word" in
${steps.join("\n")}
    esac
  done
  case "$command:$current" in
${choices.join("\n")}
  esac`;
}

function fishScript(offers: readonly Offer[]): string {
  const steps = stepsOf(offers).map(([from, to]) => `      case "${from}"\n        set command "${to}"`);
  const choices = offers.flatMap(({ path, options, words }) => [
    `    case "${path}:-*"\n      set offered ${options.join(" ")}`,
    `    case "${path}:*"\n      set offered ${words.join(" ")}`,
  ]);
  return `# Load it with: ./spillway completion fish | source
function __spillway_offered
  set -l command ""
  set -l offered
  for word in (commandline -opc)[2..-1]
    switch "$command $word"
${steps.join("\n")}
    end
  end
  switch "$command:"(commandline -ct)
${choices.join("\n")}
  end
  if set -q offered[1]
    printf '%s\\n' $offered
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c spillway -f -a "(__spillway_offered)"`;
}

/** From a command and the word behind it to the command that both are. */
function stepsOf(offers: readonly Offer[]): [string, string][] {
  return offers.flatMap(({ path }) => {
    const at = path.lastIndexOf(" ");
    return path === "" ? [] : [[`${path.slice(0, Math.max(at, 0))} ${path.slice(at + 1)}`, path]];
  });
}

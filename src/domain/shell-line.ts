import { UNPRINTABLE } from "./unprintable.ts";

/** zsh puts the path of a command in place of a word that begins with "=". */
const HARMLESS = /^(?!=)[\w@%+=:,./-]+$/;
/** Where a command stands in a sentence or in Markdown, a backtick would end it. */
const IN_BYTES = new RegExp(`\`|${UNPRINTABLE.source}`, "gu");

/** A command on one line, which bash and zsh read back as these words: all of it can be seen. */
export function shellLine(words: readonly string[]): string {
  return words.map(quoted).join(" ");
}

/** The same command with each option on a line of its own, to be copied as a whole. */
export function shellLines(words: readonly string[]): string {
  return words
    .map((word, at) => (at > 0 && word.startsWith("--") ? `\\\n  ${quoted(word)}` : quoted(word)))
    .join(" ");
}

/** A command of ours, from the project's folder. An argument that begins with a dash would be an option: it stands last. */
export function spillwayWords(verb: string, options: readonly string[], args: readonly string[]): string[] {
  const isPlain = args.every((word) => !word.startsWith("-"));
  return ["./spillway", verb, ...(isPlain ? [...args, ...options] : [...options, "--", ...args])];
}

/** Frees a migration from a run that is gone. */
export function takeoverWords(
  { region, userPoolId }: { region: string; userPoolId: string },
  environment: string,
): string[] {
  return spillwayWords("takeover", ["--region", region, "--environment", environment], [userPoolId]);
}

/** The words that give a program this one as an argument: what begins with a dash would be an option. */
export function argumentWords(word: string): string[] {
  return word.startsWith("-") ? ["--", word] : [word];
}

function quoted(word: string): string {
  if (HARMLESS.test(word)) return word;
  if (word.search(IN_BYTES) < 0) return `'${word.replaceAll("'", "'\\''")}'`;
  return `$'${word.replace(/[\\']/g, "\\$&").replace(IN_BYTES, bytes)}'`;
}

/** In the bytes of UTF-8, whatever the language of the shell is. */
function bytes(character: string): string {
  return Array.from(
    new TextEncoder().encode(character),
    (byte) => `\\x${byte.toString(16).padStart(2, "0")}`,
  ).join("");
}

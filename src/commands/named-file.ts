import { shellLine, spillwayWords } from "../domain/shell-line.ts";

const COMMAND =
  /\.\/spillway (check|decide|migrate|plan) (?:FILE|migration\.json)((?: --restart)?)(?=[`\s]|$)/g;
const INPUT_FILE = /--input-file migration\.json(?=[`\s]|$)/g;

/** A text whose commands name this file, where it stands for the one that a run itself does not know; null leaves them. */
export function withFile(text: string, file: string | null): string {
  if (file === null) return text;
  return text
    .replace(COMMAND, (_, verb: string, option: string) =>
      shellLine(spillwayWords(verb, option === "" ? [] : [option.trim()], [file])),
    )
    .replace(INPUT_FILE, () => `--input-file ${shellLine([file])}`);
}

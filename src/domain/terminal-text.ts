import { UNPRINTABLE } from "./unprintable.ts";

const FOUR_HEX_DIGITS = 4;

/** Text from anywhere on one line of a terminal: what would act there is shown as JSON writes it. */
export function terminalText(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" ? "\\n" : character.split("").map(escaped).join(""),
  );
}

/** Of one UTF-16 unit: JSON has no other escapes. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(FOUR_HEX_DIGITS, "0")}`;
}

/** The same of a text whose line breaks are ours. JSON keeps its meaning. */
export function terminalLines(text: string): string {
  return text.split("\n").map(terminalText).join("\n");
}

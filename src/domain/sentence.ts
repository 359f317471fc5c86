/** Backticks of a sentence hold its commands: one of a name from outside is shown as JSON writes it. */
export function inSentence(name: string): string {
  return name.replaceAll("`", "\\u0060");
}

import { once } from "node:events";
import { asCalled } from "../called-as.ts";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { terminalLines } from "../domain/terminal-text.ts";
import { complain, EXIT_FAILED } from "../exit.ts";

/** Ends the process once nobody can read what it prints; whoever closed the pipe knows why. */
export function endWithOutput(): void {
  process.stdout.on("error", (error) => {
    const code = systemCodeOf(error);
    if (code !== "EPIPE")
      complain(`Standard output cannot be written: ${code === null ? error.message : fileTrouble(code)}.`);
    process.exit(EXIT_FAILED);
  });
  // Nowhere is left to say that.
  process.stderr.on("error", () => undefined);
}

/** What commands print on standard output: nothing in it acts on the terminal but its line breaks. */
export function say(text: string): void {
  process.stdout.write(`${terminalLines(asCalled(text))}\n`);
}

/** A part of what is too long to hold, with its own line breaks; resolves when there is room for the next one. */
export async function sayPart(text: string): Promise<void> {
  if (!process.stdout.write(terminalLines(asCalled(text)))) await once(process.stdout, "drain");
}

export function sayJson(value: unknown): void {
  say(json(value, 2));
}

/** The members of a JSON list, of which only one is held at a time. */
export async function sayJsonMembers(members: AsyncIterable<unknown>): Promise<void> {
  let separator = "\n";
  for await (const member of members) {
    await sayPart(`${separator}${json(member)}`);
    separator = ",\n";
  }
}

/** What a path needs to be a command in a text is escaped once more in JSON. */
function json(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_, part: unknown) => (typeof part === "string" ? asCalled(part) : part),
    indent,
  );
}

/** What commands print on standard output. */
export function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

export function sayJson(value: unknown): void {
  say(JSON.stringify(value, null, 2));
}

/** For people only: beside output that a machine reads. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

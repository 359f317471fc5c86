import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { z } from "zod";

/** Makes the list in docs/reliability.md from what the fault tests of both stages kept when they last ran. */

const ROOT = join(import.meta.dirname, "..");
const FIGURES = join(ROOT, "node_modules/.cache/spillway/reliability");
const PAGE = join(ROOT, "docs/reliability.md");
const BEGIN = "<!-- figures: begin (made by tools/reliability.ts) -->";
const END = "<!-- figures: end -->";

const seenSchema = z.object({
  fault: z.string(),
  figures: z.record(z.string(), z.union([z.number(), z.string()])),
});
type Seen = z.output<typeof seenSchema>;

function main(): void {
  const files = existsSync(FIGURES) ? readdirSync(FIGURES).filter((name) => name.endsWith(".json")) : [];
  if (files.length === 0) {
    process.stderr.write("No figures have been kept yet; run `npm test` and `npm run test:long` first.\n");
    process.exitCode = 1;
    return;
  }
  const paths = files.sort().map((name) => join(FIGURES, name));
  const rows = paths.map((path) => seenSchema.parse(JSON.parse(readFileSync(path, "utf8"))));
  const newestMs = Math.max(...paths.map((path) => statSync(path).mtimeMs));
  const date = new Date(newestMs).toISOString().slice(0, 10);
  const seen = `Seen on ${date} with Node ${process.version} on ${cpus().length} cores.`;
  const page = readFileSync(PAGE, "utf8");
  writeFileSync(PAGE, between(page, `${seen}\n\n${list(rows)}`));
}

function list(rows: readonly Seen[]): string {
  return rows
    .map(({ fault, figures }) => `- **${capital(fault)}:** ${seenOf(figures).join("; ")}`)
    .join("\n");
}

function seenOf({ users, imported, repeatedCalls, ...others }: Seen["figures"]): string[] {
  const people =
    imported === undefined ? `${shown(users)} users` : `${shown(imported)} of ${shown(users)} imported`;
  return [
    ...(users === undefined ? [] : [people]),
    ...(repeatedCalls === undefined ? [] : [`${shown(repeatedCalls)} calls repeated`]),
    ...Object.entries(others).map(([name, value]) => `${spelled(name)}: ${shown(value)}`),
  ];
}

function shown(value: number | string | undefined): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : (value ?? "");
}

/** longestPauseMs → "longest pause (ms)". */
function spelled(name: string): string {
  const words = name
    .replace(/Ms$/, " (ms)")
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
  return words;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The page with `text` between its two marker comments. */
function between(page: string, text: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${PAGE} lacks its marker comments.`);
  return `${page.slice(0, begin + BEGIN.length)}\n${text}\n${page.slice(end)}`;
}

main();

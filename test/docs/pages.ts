import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

export interface Page {
  /** From the root of the repository, for example "docs/start.md". */
  name: string;
  text: string;
}

/** The README and every page of docs/. */
export const pages: readonly Page[] = [
  "README.md",
  ...readdirSync(join(ROOT, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
].map((name) => ({ name, text: readFileSync(join(ROOT, name), "utf8") }));

export function page(name: string): string {
  const found = pages.find((one) => one.name === name);
  if (found === undefined) throw new Error(`There is no page ${name}.`);
  return found.text;
}

/** What stands under a heading, up to the next one that is not below it. */
export function section(name: string, heading: string): string {
  const lines = page(name).split("\n");
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, "") === heading);
  if (start === -1) throw new Error(`The page ${name} has no heading "${heading}".`);
  const level = lines[start]?.indexOf(" ") ?? 0;
  const after = lines.slice(start + 1);
  const end = after.findIndex((line) => new RegExp(`^#{1,${level}} `).test(line));
  return after.slice(0, end === -1 ? undefined : end).join("\n");
}

/** Fenced code blocks in this language. */
export function codeBlocks(text: string, language: string): string[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter((block) => block[1] === language)
    .map((block) => block[2] ?? "");
}

function withoutCodeBlocks(text: string): string {
  return text.replaceAll(/^```.*?^```$/gms, "");
}

/** Headings as the fragments by which GitHub links to them. */
export function anchors(text: string): string[] {
  return [...withoutCodeBlocks(text).matchAll(/^#+ (.*)$/gm)].map((heading) =>
    (heading[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

export interface Link {
  /** From the root of the repository. */
  path: string;
  anchor: string | null;
}

/** Links to files of the repository. */
export function relativeLinks({ name, text }: Page): Link[] {
  return [...withoutCodeBlocks(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? "")
    .filter((target) => !/^https?:/.test(target))
    .map((target) => {
      const [path = "", anchor = null] = target.split("#", 2);
      const file = path === "" ? join(ROOT, name) : resolve(ROOT, dirname(name), path);
      return { path: relative(ROOT, file), anchor };
    });
}

/** The rows of all tables of a page that begin with a code word: the word, and the whole row. */
export function codeRows(text: string): Map<string, string> {
  const rows = [...text.matchAll(/^\| `([^`]+)` \|.*$/gm)];
  return new Map(rows.map((row) => [row[1] ?? "", row[0]]));
}

import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { z } from "zod";
import { importsOf } from "../../test/docs/rooms.ts";
import { NAMES, PICTURES, type Picture } from "./catalogue.ts";

/** Which state of the code each picture shows. */

const ROOT = join(import.meta.dirname, "..", "..");
export const IMAGES = join(ROOT, "docs", "images");
const RECORD = join(IMAGES, "made-of.json");
const LETTERS = 16;

export function pathOf(picture: Picture): string {
  return join(IMAGES, `${picture}.png`);
}

/** Those that are not there, or that show an earlier state of the code. */
export function outdated(): Picture[] {
  const record = readRecord();
  return NAMES.filter((name) => !existsSync(pathOf(name)) || record[name] !== madeOf(PICTURES[name]));
}

export function recordMade(picture: Picture): void {
  const record: Record<string, string> = { ...readRecord(), [picture]: madeOf(PICTURES[picture]) };
  const kept = NAMES.filter((name) => record[name] !== undefined).map((name) => [name, record[name]]);
  writeFileSync(RECORD, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}

function readRecord(): Record<string, string> {
  return existsSync(RECORD)
    ? z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(RECORD, "utf8")))
    : {};
}

/** A digest of files and of all that they load of the project; `read` gives a file's text by its path from the root. */
export function madeOf(roots: readonly string[], read: (path: string) => string = readSource): string {
  const digest = createHash("sha256");
  for (const [path, text] of [...loadedBy(roots, read)].toSorted(([one], [other]) => (one < other ? -1 : 1)))
    digest.update(`${path}\n${codeOf(text)}\n`);
  return digest.digest("hex").slice(0, LETTERS);
}

function readSource(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

function loadedBy(roots: readonly string[], read: (path: string) => string): Map<string, string> {
  const texts = new Map<string, string>();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (texts.has(path)) continue;
    const text = read(path);
    texts.set(path, text);
    for (const { module, isType } of importsOf(text))
      if (!isType && module.startsWith(".") && module.endsWith(".ts"))
        open.push(posix.join(posix.dirname(path), module));
  }
  return texts;
}

/** Without comments on lines of their own and indentation, which no picture shows. */
function codeOf(text: string): string {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.filter((line) => line !== "" && !/^(?:\/\/|\/\*|\*(?:\s|\/|$))/.test(line)).join("\n");
}

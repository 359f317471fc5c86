import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./pages.ts";

/** The stable words that the code uses, as its text has them: what nobody wrote down is found all the same. */

/** The text of every TypeScript file below these folders. */
export function sources(folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(ROOT, folder, name), "utf8")),
  );
}

/** What the pattern's first group finds below these folders, each once, in order of the alphabet. */
export function wordsOf(folders: readonly string[], pattern: RegExp): string[] {
  const words = sources(folders).flatMap((text) => [...text.matchAll(pattern)].map(([, word = ""]) => word));
  return [...new Set(words)].toSorted();
}

/** A finding's severity and code, one after the other, in a line or two. */
const FINDING = /severity: (.+?),\s*code: ("\w+"|\w+|`[^`]+`)/g;
/** The findings of a helper that is named after their severity. */
const BLOCKER = /\bblocker\(\s*"(\w+)"/g;

/** Codes of all findings of a severity, or of any, below these folders; each once, in order of the alphabet. */
export function findingCodes(
  folders: readonly string[] = ["src/activities"],
  severity: "blocker" | null = null,
): string[] {
  const codes = sources(folders).flatMap((text) => {
    const drafts = [...text.matchAll(FINDING)].filter(
      ([, found = ""]) => severity === null || found.includes(`"${severity}"`),
    );
    const written = drafts.flatMap(([, , code = ""]) => codesOf(code, text));
    return [...written, ...[...text.matchAll(BLOCKER)].map(([, code = ""]) => code)];
  });
  return [...new Set(codes)].toSorted();
}

/** A code as it is written: a text, a constant of the file, or a text with one of the file's keys in it. */
function codesOf(code: string, text: string): string[] {
  if (code.startsWith('"')) return [code.slice(1, -1)];
  const template = /^`\$\{key\}(\w+)`$/.exec(code);
  if (template !== null)
    return [...text.matchAll(/^\s+"(\w+)",\n\s+\),/gm)].map(([, key = ""]) => `${key}${template[1]}`);
  const constant = new RegExp(`\\bconst ${code} = "(\\w+)"`);
  const found = [text, ...sources(["src/activities"])].map((one) => constant.exec(one)?.[1]).find(Boolean);
  if (found === undefined) throw new Error(`Nobody knows what the finding's code ${code} is.`);
  return [found];
}

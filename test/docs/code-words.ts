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

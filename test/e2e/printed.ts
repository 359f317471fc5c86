import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What README and docs tell people to type, as it stands there. */

const FENCE = /^```sh\n([\s\S]*?)^```$/gm;

/** The command of this page that begins so; without the comment behind it. Throws where the page has none. */
export function printedIn(folder: string, page: string, start: string): string {
  const text = readFileSync(join(folder, page), "utf8");
  const lines = [...text.matchAll(FENCE)].flatMap(([, fence = ""]) => fence.split("\n"));
  const found = lines.find((line) => `${line} `.startsWith(`${start} `));
  if (found === undefined) throw new Error(`${page} tells no command that begins with ${start}.`);
  return found.replace(/\s+#.*$/, "");
}

/** The same of what the page names within a sentence. */
export function namedIn(folder: string, page: string, command: string): string {
  if (!readFileSync(join(folder, page), "utf8").includes(`\`${command}\``))
    throw new Error(`${page} does not name ${command}.`);
  return command;
}

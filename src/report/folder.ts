import { mkdir, readdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { UsageError } from "../exit.ts";

const OWNER_ONLY_FOLDER = 0o700;

/** Makes the folder of a report. Throws UsageError for one that holds what `mayReplace` does not let go. */
export async function prepareFolder(
  folder: string,
  mayReplace: (entries: readonly string[]) => boolean | Promise<boolean>,
): Promise<void> {
  const entries = await madeFolder(folder).catch((error: unknown) => {
    const why = fileTrouble(systemCodeOf(error) ?? "nothing");
    throw new UsageError(`The folder ${folder} cannot be made or read: ${why}; name another one with --out.`);
  });
  if (entries.length === 0 || (await mayReplace(entries))) return;
  throw new UsageError(
    `The folder ${folder} holds something else than an earlier report of the same; name another one with --out, or overwrite with --force.`,
  );
}

async function madeFolder(folder: string): Promise<string[]> {
  await make(resolve(folder));
  return readdir(folder);
}

/** Step by step: Node's own recursion never ends where a folder that is there makes none, as in /proc. */
async function make(folder: string): Promise<void> {
  if (await isMade(folder)) return;
  await make(dirname(folder));
  if (!(await isMade(folder))) await mkdir(folder, { mode: OWNER_ONLY_FOLDER });
}

/** False where the folder above has to be made first. */
async function isMade(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: OWNER_ONLY_FOLDER });
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === "ENOENT" && dirname(folder) !== folder) return false;
    if (code !== "EEXIST") throw error;
  }
  return true;
}

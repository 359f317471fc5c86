import { mkdir, readdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { UsageError } from "../exit.ts";

const OWNER_ONLY_FOLDER = 0o700;

/** Makes the folder of a report. Throws UsageError for one that holds something, unless `force` is set. */
export async function prepareFolder(folder: string, force: boolean): Promise<void> {
  const entries = await madeFolder(folder).catch((error: unknown) => {
    const why = fileTrouble(systemCodeOf(error) ?? "nothing");
    throw new UsageError(`The folder ${folder} cannot be made or read: ${why}; name another one with --out.`);
  });
  if (entries.length === 0 || force) return;
  throw new UsageError(
    `The folder ${folder} is not empty; name another one with --out, or overwrite with --force.`,
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

import { access, constants, link, lstat, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { UsageError } from "../exit.ts";
import { withFileBeside } from "../secrets/file-beside.ts";
import { say } from "./say.ts";

/** A file that is made once, whole, and never over another one. */

/** Of whoever the system says, and readable by all: nothing private is in it. */
const AS_MADE = { uid: -1, gid: -1, mode: 0o644 };

/** Throws UsageError where it could not be made. */
export async function checkNewFile(path: string): Promise<void> {
  await explained(path, async () => {
    if (await isThere(path)) throw isThereAlready(path);
    await access(dirname(path), constants.W_OK);
  });
}

/** Throws UsageError where that cannot be, and shows what would have been in it: nobody is to answer everything again. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  try {
    await explained(path, () =>
      withFileBeside(
        `${path}.${process.pid}.tmp`,
        text,
        async (beside) => {
          // Unlike a rename it never takes the place of another file.
          await link(beside, path);
          await rm(beside);
        },
        AS_MADE,
      ),
    );
  } catch (error) {
    if (error instanceof UsageError) say(`\nThis would have been in the file:\n\n${text}`);
    throw error;
  }
}

/** A link that leads nowhere is there, too. */
async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCodeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function explained(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    if (code === "EEXIST") throw isThereAlready(path);
    throw new UsageError(`The file ${path} cannot be written: ${fileTrouble(code)}.`);
  }
}

function isThereAlready(path: string): UsageError {
  return new UsageError(`${path} is there already, and init overwrites nothing: name another file.`);
}

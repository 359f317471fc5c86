import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

const OWNER_ONLY = 0o600;

/**
 * A file beside another one, of which `settle` makes something in one step. The folder is synced last: what `settle` did
 * survives the machine as well.
 */
export async function withFileBeside(
  beside: string,
  content: string | Uint8Array,
  settle: (beside: string) => Promise<void>,
  mode = OWNER_ONLY,
): Promise<void> {
  // Left by a process that died while it wrote.
  await rm(beside, { force: true });
  try {
    await using(await open(beside, "wx", OWNER_ONLY), async (file) => {
      await file.writeFile(content);
      // Whatever this process may take from what it makes.
      await file.chmod(mode);
      await file.sync();
    });
    await settle(beside);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await using(await open(dirname(beside), "r"), (folder) => folder.sync());
}

async function using(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

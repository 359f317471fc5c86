import type { Stats } from "node:fs";
import { type FileHandle, open, rm } from "node:fs/promises";
import { dirname } from "node:path";

const OWNER_ONLY = 0o600;
const PERMISSIONS = 0o7777;
const OF_OWNER = 0o700;
const OF_OTHERS = 0o007;

/** Whose a file is, and who may do what with it. */
type Standing = Pick<Stats, "uid" | "gid" | "mode">;

/**
 * A file beside another one, of which `settle` makes something in one step. The folder is synced last: what `settle` did
 * survives the machine as well. It is this user's alone, or stands as `like`, as far as the system lets us.
 */
export async function withFileBeside(
  beside: string,
  content: string | Uint8Array,
  settle: (beside: string) => Promise<void>,
  like: Standing | null = null,
): Promise<void> {
  // Left by a process that died while it wrote.
  await rm(beside, { force: true });
  try {
    await using(await open(beside, "wx", OWNER_ONLY), async (file) => {
      await file.writeFile(content);
      // Whatever this process may take from what it makes.
      await file.chmod(like === null ? OWNER_ONLY : await modeLike(file, like));
      await file.sync();
    });
    await settle(beside);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await using(await open(dirname(beside), "r"), (folder) => folder.sync());
}

/** Gives the file to this owner and group, and answers with the mode that lets nobody do more with it than before. */
async function modeLike(file: FileHandle, { uid, gid, mode }: Standing): Promise<number> {
  // Only root may give files away; who owns one may give it to a group of theirs.
  await file.chown(uid, gid).catch(() => file.chown(-1, gid).catch(() => undefined));
  if ((await file.stat()).gid === gid) return mode & PERMISSIONS;
  // Its group is another one: what both the group and everybody had is left to either.
  const shared = mode & (mode >> 3) & OF_OTHERS;
  return (mode & OF_OWNER) | (shared << 3) | shared;
}

async function using(file: FileHandle, work: (file: FileHandle) => Promise<void>): Promise<void> {
  try {
    await work(file);
  } finally {
    await file.close();
  }
}

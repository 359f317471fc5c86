import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";

const CACHE = join(import.meta.dirname, "../node_modules/.cache/spillway");
const OWNER_WRITES = 0o755;
const OWNER_ONLY = 0o700;
const OTHERS_WRITE = 0o022;

/**
 * A folder for code that is made of the sources: what others could write there would run as us. Null where it is not
 * ours alone to write, or cannot be made. Who may write above the cache may write the packages themselves.
 */
export function cacheFolder(name: string, cache = CACHE): string | null {
  const folder = join(cache, name);
  try {
    mkdirSync(cache, { recursive: true, mode: OWNER_WRITES });
    mkdirSync(folder, { recursive: true, mode: OWNER_ONLY });
    // Windows has neither owners nor modes.
    if (process.getuid === undefined) return folder;
    if (!isOurs(cache)) return null;
    // Before the folder is looked at: nobody puts another one in its place afterwards.
    chmodSync(cache, OWNER_WRITES);
    // What stands in a folder that was open may be of anybody.
    if (!isOurs(folder) || (lstatSync(folder).mode & OTHERS_WRITE) !== 0) return null;
    chmodSync(folder, OWNER_ONLY);
    return folder;
  } catch {
    return null;
  }
}

/** A link is not. */
function isOurs(path: string): boolean {
  const status = lstatSync(path);
  return status.isDirectory() && status.uid === process.getuid?.();
}

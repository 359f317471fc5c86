import { chmodSync, statSync } from "node:fs";
import { EXPOSED } from "./errors.ts";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * Closes a SQLite file, and what SQLite keeps beside it, to all but their owner: one that was made by hand, or restored
 * from a back-up, may be open. A folder or a pipe is left as it is. Throws where that is somebody else's to do.
 */
export function closeToOthers(path: string): void {
  // Windows has no modes.
  if (process.getuid === undefined) return;
  for (const file of [path, `${path}-wal`, `${path}-shm`]) {
    if (!isOpenToOthers(file)) continue;
    try {
      chmodSync(file, OWNER_ONLY);
    } catch {
      // Said below.
    }
    if (isOpenToOthers(file)) throw Object.assign(new Error("Open to others."), { code: EXPOSED });
  }
}

function isOpenToOthers(file: string): boolean {
  const status = statSync(file, { throwIfNoEntry: false });
  return status?.isFile() === true && (status.mode & OTHERS) !== 0;
}

import { chmodSync, existsSync, realpathSync, statSync } from "node:fs";
import { EXPOSED } from "./errors.ts";

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/** The file of a location, without what follows its "?". */
export function sqliteFile(location: string): string {
  return location.split("?", 1)[0] ?? "";
}

/**
 * By which SQLite opens this file and no other: it would read a name that begins with "file:" as a URI, and keeps its log
 * where a link leads to. The file must be there.
 */
export function nameForSqlite(path: string): string {
  return realpathSync(path);
}

/**
 * Closes a SQLite file, and what SQLite keeps beside it, to all but their owner: one that was made by hand, or restored
 * from a back-up, may be open. A folder or a pipe is left as it is. Throws where that is somebody else's to do.
 */
export function closeToOthers(givenPath: string): void {
  // Windows has no modes, and a ledger in memory no file.
  if (process.getuid === undefined || !existsSync(givenPath)) return;
  const path = nameForSqlite(givenPath);
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

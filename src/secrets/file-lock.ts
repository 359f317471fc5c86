import { access, constants, open } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import type { StoreAnswer, StoreProblem } from "./secret-store.ts";

/**
 * One process at a time, also where containers share a folder. Node has no file locks; SQLite's are the operating
 * system's, and end with the process that holds them, however it ends. The file at `path` stays empty.
 */

const OWNER_ONLY = 0o600;
const POLL_MS = 15;
/** SQLite's primary result codes (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_CANTOPEN = 14;

/** Waits for the lock at most `maxWaitMs`, then answers with a sentence. What `work` throws is passed on. */
export async function withFileLock<T>(
  path: string,
  maxWaitMs: number,
  work: () => Promise<StoreAnswer<T>>,
): Promise<StoreAnswer<T>> {
  const trouble = await create(path);
  if (trouble !== null) return { ok: false, sentence: notWritable(path, trouble) };
  const database = new DatabaseSync(path, { timeout: 0, open: false });
  const code = await lock(database, maxWaitMs);
  if (code !== null) {
    if (database.isOpen) database.close();
    return problemOf(code, path);
  }
  try {
    // SQLite takes a file that it may not write for one that nobody writes, and locks nothing.
    await access(path, constants.W_OK);
    return await work();
  } finally {
    database.close();
  }
}

/** Whoever may read it can hold it, and hold up everybody else: it is the owner's alone. Null, or why it cannot be. */
async function create(path: string): Promise<string | null> {
  // A pipe that nobody reads would hold up whoever opens it.
  const { O_WRONLY, O_CREAT, O_NONBLOCK } = constants;
  try {
    const file = await open(path, O_WRONLY | O_CREAT | O_NONBLOCK, OWNER_ONLY);
    await file.close();
    return null;
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    return fileTrouble(code);
  }
}

/** Null with the lock, else the code of what stands in its way. */
async function lock(database: DatabaseSync, maxWaitMs: number): Promise<number | null> {
  const waitUntilMs = performance.now() + maxWaitMs;
  for (;;) {
    const code = tryLock(database);
    if (code !== SQLITE_BUSY || performance.now() >= waitUntilMs) return code;
    await sleep(POLL_MS);
  }
}

function tryLock(database: DatabaseSync): number | null {
  try {
    if (!database.isOpen) database.open();
    database.exec("begin exclusive");
    return null;
  } catch (error) {
    if (!(error instanceof Error && "errcode" in error && typeof error.errcode === "number")) throw error;
    return error.errcode & 0xff;
  }
}

function problemOf(code: number, path: string): StoreProblem {
  switch (code) {
    case SQLITE_BUSY:
      return { ok: false, sentence: `Another process holds the lock ${path}; try again when it is done.` };
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
      return { ok: false, sentence: notWritable(path, "SQLite cannot open it, or not in its folder") };
    default:
      return { ok: false, sentence: `The lock ${path} cannot be taken (SQLite ${code}); remove the file.` };
  }
}

function notWritable(path: string, why: string): string {
  return `The lock ${path} cannot be written: ${why}; check SPILLWAY_SECRETS.`;
}

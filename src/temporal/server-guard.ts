import { spawn } from "node:child_process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * Runs a server that ends with whoever started this process, however they end: their end of the pipe to our standard
 * input closes. In a process group of its own it does not hear a Ctrl-C that is meant for them. It begins, and tells them,
 * once no other guard with this lock runs one: two servers on one database take its tasks from each other.
 */
const POLL_MS = 50;
/** SQLite's primary result code (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;

const [, , lockPath, program, ...args] = process.argv;
if (lockPath === undefined || program === undefined)
  throw new Error("Usage: node server-guard LOCK PROGRAM [ARGUMENT…]");
// The server's database holds what runs were started with: for its owner only.
process.umask(0o077);
let stop: () => void = () => process.exit(1);
process.stdin.once("close", () => stop()).resume();
process.once("SIGTERM", () => stop());
// Node has no file locks; SQLite's are the operating system's, and end with the process that holds them.
const lock = new DatabaseSync(lockPath, { timeout: 0 });
while (!isTaken(lock)) await sleep(POLL_MS);
process.send?.("begins");
const server = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });
stop = () => {
  server.kill("SIGTERM");
};
server.once("error", () => process.exit(1));
server.once("exit", (code) => {
  lock.close();
  process.exit(code ?? 1);
});

function isTaken(database: DatabaseSync): boolean {
  try {
    database.exec("begin exclusive");
    return true;
  } catch (error) {
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY) return false;
    throw error;
  }
}

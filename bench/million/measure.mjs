import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMainThread, threadId } from "node:worker_threads";

/**
 * Imported before a program, in each of its threads: tells in the folder `BENCH_MEASURES` what the process took, and which
 * statements took long, as the database itself is asked. On a busy machine a statement waits for a processor like anybody
 * else: what it took of one is told as well, of PostgreSQL where its server is on this machine. It is no TypeScript: that
 * would cost each program that is measured what Node needs to read it.
 */

const folder = process.env.BENCH_MEASURES ?? ".";
/** Of quicker ones the slowest alone is told. */
const TOLD_MS = 20;
let mostMs = 0;
const slow = new Map();

/** `cpuMs` is null where nobody can tell. */
function note(sql, tookMs, cpuMs) {
  if (tookMs < Math.min(TOLD_MS, mostMs)) return;
  mostMs = Math.max(mostMs, tookMs);
  const before = slow.get(sql) ?? { slowestMs: 0, cpuMs: 0, times: 0 };
  slow.set(sql, {
    sql,
    slowestMs: Math.max(before.slowestMs, tookMs),
    times: before.times + (tookMs < TOLD_MS ? 0 : 1),
    ...(cpuMs === null ? {} : { cpuMs: Math.max(before.cpuMs ?? 0, cpuMs) }),
  });
  // A thread may end without a word.
  writeFileSync(join(folder, `statements-${threadId}.json`), JSON.stringify([...slow.values()]));
}

if (isMainThread)
  process.on("exit", () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    const measures = { cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakBytes: maxRSS * 1_024 };
    writeFileSync(join(folder, "process.json"), JSON.stringify(measures));
  });

if (process.env.SPILLWAY_LEDGER?.startsWith("postgres")) {
  if (isMainThread) await watchPostgres();
} else if (!isMainThread) await watchSqlite();

async function watchSqlite() {
  const { StatementSync } = await import("node:sqlite");
  for (const name of ["all", "run"]) {
    const own = StatementSync.prototype[name];
    StatementSync.prototype[name] = function (...parameters) {
      const beganAtMs = performance.now();
      const before = process.threadCpuUsage();
      const answer = own.apply(this, parameters);
      const { user, system } = process.threadCpuUsage(before);
      note(this.sourceSQL, performance.now() - beganAtMs, (user + system) / 1_000);
      return answer;
    };
  }
}

async function watchPostgres() {
  const { default: pg } = await import("pg");
  const own = pg.Client.prototype.query;
  pg.Client.prototype.query = function (...given) {
    const beganAtMs = performance.now();
    const before = backendCpuMs(this);
    const answer = own.apply(this, given);
    const [sql] = given;
    const told = () => {
      const after = backendCpuMs(this);
      const cpuMs = before === null || after === null ? null : after - before;
      note(sql, performance.now() - beganAtMs, cpuMs);
    };
    if (typeof sql === "string" && answer instanceof Promise) answer.then(told, () => undefined);
    return answer;
  };
}

/** proc(5), `/proc/pid/schedstat`: nanoseconds come first. Every backend is a process. */
function backendCpuMs({ processID }) {
  try {
    const [onCpuNs] = readFileSync(`/proc/${processID}/schedstat`, "utf8").split(" ");
    return Number(onCpuNs) / 1e6;
  } catch {
    return null;
  }
}

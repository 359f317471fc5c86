import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StatementSync } from "node:sqlite";
import { isMainThread, threadId } from "node:worker_threads";

/**
 * Imported before a program, in each of its threads: tells in the folder `BENCH_MEASURES` what the process took, and the
 * statements that took longest, as the database itself is asked.
 */

const folder = process.env.BENCH_MEASURES ?? ".";
/** Of quicker ones the slowest alone is told. */
const TOLD_MS = 20;
let mostMs = 0;

const slow = new Map<string, { sql: string; slowestMs: number; times: number }>();

function note(sql: string, tookMs: number): void {
  if (tookMs < Math.min(TOLD_MS, mostMs)) return;
  mostMs = Math.max(mostMs, tookMs);
  const before = slow.get(sql) ?? { sql, slowestMs: 0, times: 0 };
  slow.set(sql, { sql, slowestMs: Math.max(before.slowestMs, tookMs), times: before.times + 1 });
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

async function watchSqlite(): Promise<void> {
  const { StatementSync: Statement } = await import("node:sqlite");
  for (const name of ["all", "run"] as const) {
    const own = Statement.prototype[name] as (...parameters: unknown[]) => unknown;
    Object.defineProperty(Statement.prototype, name, {
      value(this: StatementSync, ...parameters: unknown[]) {
        const beganAtMs = performance.now();
        const answer = own.apply(this, parameters);
        note(this.sourceSQL, performance.now() - beganAtMs);
        return answer;
      },
    });
  }
}

async function watchPostgres(): Promise<void> {
  const { default: pg } = await import("pg");
  const own = pg.Client.prototype.query as (...given: unknown[]) => unknown;
  Object.defineProperty(pg.Client.prototype, "query", {
    value(this: InstanceType<typeof pg.Client>, ...given: unknown[]) {
      const beganAtMs = performance.now();
      const answer = own.apply(this, given);
      const [sql] = given;
      if (typeof sql === "string" && answer instanceof Promise)
        answer.then(
          () => note(sql, performance.now() - beganAtMs),
          () => undefined,
        );
      return answer;
    },
  });
}

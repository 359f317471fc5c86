import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { cpuOfEndedMs, parentOf } from "./cpu.ts";

const LOOK_EVERY_MS = 50;

/** An empty ledger for one run. */
export interface BenchLedger extends AsyncDisposable {
  url: string;
  /** What it takes on disk; ask when the worker has closed it. */
  bytes(): Promise<number>;
  /** What its server has used of the processor for connections that are gone; 0 where there is no server. */
  serverCpuMs(): Promise<number>;
}

export async function freshSqlite(): Promise<BenchLedger> {
  const folder = await mkdtemp(join(tmpdir(), "spillway-bench-"));
  return {
    url: `sqlite:${join(folder, "ledger.db")}`,
    async bytes() {
      const files = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
      return files.reduce((sum, { size }) => sum + size, 0);
    },
    serverCpuMs: async () => 0,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/** A database of its own on the server at `serverUrl`. */
export async function freshPostgres(serverUrl: string): Promise<BenchLedger> {
  const name = `bench_${randomUUID().replaceAll("-", "")}`;
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  await ask(serverUrl, `CREATE DATABASE ${name}`);
  const serverPid = await serverPidOf(serverUrl);
  return {
    url: url.href,
    async bytes() {
      const [row] = await ask(serverUrl, `SELECT pg_database_size('${name}')::float8 AS bytes`);
      return Number(row?.bytes);
    },
    async serverCpuMs() {
      // Whoever closed a connection does not wait for its end.
      while ((await ask(serverUrl, `SELECT FROM pg_stat_activity WHERE datname = '${name}'`)).length > 0)
        await sleep(LOOK_EVERY_MS);
      return cpuOfEndedMs(serverPid);
    },
    [Symbol.asyncDispose]: async () => void (await ask(serverUrl, `DROP DATABASE ${name} WITH (FORCE)`)),
  };
}

/** Whose children the backends are. */
function serverPidOf(url: string): Promise<number> {
  return connected(url, async (client) => {
    const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
    return parentOf(rows[0]?.pid ?? 0);
  });
}

function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  return connected(url, async (client) => (await client.query<Record<string, unknown>>(statement)).rows);
}

async function connected<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

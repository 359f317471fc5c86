import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UsageError } from "../exit.ts";
import { closeToOthers } from "../ledger/sqlite-file.ts";
import { connectTemporal } from "./connection.ts";
import { SEARCH_ATTRIBUTE_TYPES } from "./search-attributes.ts";

/** A Temporal server of our own, for one machine: its database is a file, so that runs outlive it. */
export interface EmbeddedServer {
  address: string;
  /** Of the web UI. */
  uiUrl: string;
  /** False where another process of ours brought it: it ends with that one. */
  isOurs: boolean;
  stop(): Promise<void>;
}

const HOST = "127.0.0.1";
const NAMESPACE = "default";
const START_TIMEOUT_MS = 30_000;
const RETRY_MS = 100;
const OWNER_ONLY = 0o600;

const recordSchema = z.object({ port: z.number(), uiPort: z.number() });

/**
 * `base` is a path without extension: beside it lie the database, its lock, the log, and a note of where the server
 * listens. Of several processes that begin at once one brings the server, and the others use it.
 */
export async function startEmbeddedServer(base: string): Promise<EmbeddedServer> {
  const running = await runningServer(base);
  if (running !== null) return running;
  const earlier = readRecord(base);
  closeDatabase(base);
  const port = await freePort(earlier?.port);
  const uiPort = await freePort(earlier?.uiPort);
  const address = `${HOST}:${port}`;
  const log = openSync(`${base}.temporal.log`, "a", OWNER_ONLY);
  const guard = spawn(process.execPath, guardArguments(await temporalCli(), port, uiPort, base), {
    stdio: ["pipe", log, log, "ipc"],
    detached: true,
    env: serverEnvironment(process.env),
  });
  closeSync(log);
  const theirs = await untilItAnswers(address, guard, base);
  if (theirs !== null) return theirs;
  writeFileSync(recordOf(base), JSON.stringify({ port, uiPort }), { mode: OWNER_ONLY });
  return {
    address,
    uiUrl: uiUrlOf(uiPort),
    isOurs: true,
    async stop() {
      if (guard.exitCode !== null || guard.signalCode !== null) return;
      const ended = once(guard, "exit");
      guard.kill("SIGTERM");
      await ended;
    },
  };
}

/** Whether an embedded server has been used here before: an earlier run may live in its database. */
export function hasEmbeddedServer(base: string): boolean {
  return existsSync(recordOf(base));
}

/** One that another process of ours keeps up, and stops; null where there is none. */
export async function runningServer(base: string): Promise<EmbeddedServer | null> {
  const record = readRecord(base);
  if (record === null) return null;
  const address = `${HOST}:${record.port}`;
  if (!(await answers(address))) return null;
  return { address, uiUrl: uiUrlOf(record.uiPort), isOurs: false, stop: () => Promise.resolve() };
}

/** The ports of the last time: taken again where they are free, so that links and commands stay good. */
function readRecord(base: string): z.output<typeof recordSchema> | null {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(recordOf(base), "utf8")));
  } catch {
    return null;
  }
}

function uiUrlOf(port: number): string {
  return `http://${HOST}:${port}`;
}

/** What a server needs to find itself: keys, database addresses and settings of Temporal's own tools are not for it. */
export function serverEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = ["PATH", "HOME", "TMPDIR", "TZ", "LANG", "LC_ALL"];
  return Object.fromEntries(Object.entries(environment).filter(([name]) => kept.includes(name)));
}

function guardArguments(cli: string, port: number, uiPort: number, base: string): string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTE_TYPES).flatMap(([name, type]) => [
    "--search-attribute",
    `${name}=${type}`,
  ]);
  return [
    ...[join(import.meta.dirname, `server-guard${extname(import.meta.filename)}`), lockOf(base)],
    ...[cli, "server", "start-dev", "--ip", HOST, "--port", `${port}`, "--ui-port", `${uiPort}`],
    ...["--log-level", "error", "--db-filename", databaseOf(base)],
    ...attributes,
  ];
}

/** Null once ours does; another process's, where that one was faster. */
async function untilItAnswers(
  address: string,
  guard: ChildProcess,
  base: string,
): Promise<EmbeddedServer | null> {
  let isBegun = false;
  guard.once("message", () => {
    isBegun = true;
    guard.disconnect();
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (guard.exitCode === null && Date.now() < deadline) {
    if (isBegun && (await answers(address))) return null;
    // Before that, whoever answers is another's: it may listen where ours was to.
    const theirs = isBegun ? null : await runningServer(base);
    if (theirs !== null) {
      guard.kill("SIGTERM");
      return theirs;
    }
    await sleep(RETRY_MS);
  }
  guard.kill("SIGTERM");
  throw new UsageError(
    `The embedded Temporal server did not start; ${base}.temporal.log says why, or name a server with TEMPORAL_ADDRESS.`,
  );
}

async function answers(address: string): Promise<boolean> {
  const connected = await connectTemporal({ address, namespace: NAMESPACE, options: { address } });
  if (connected.ok) await connected.value.close();
  return connected.ok;
}

/** Found, else downloaded or built, once a machine. An image has no set-up: it uses a server of somebody else. */
async function temporalCli(): Promise<string> {
  const tools = await import("../../tools/temporal-path.mjs").catch(() => null);
  if (tools === null)
    throw new UsageError("No Temporal server answers, and here is none to start; set TEMPORAL_ADDRESS.");
  try {
    return await tools.provideTemporal();
  } catch (error) {
    if (!(error instanceof tools.SetupProblem)) throw error;
    throw new UsageError(
      `No Temporal server answers at TEMPORAL_ADDRESS, nor can one be started. ${error.message}`,
    );
  }
}

function databaseOf(base: string): string {
  return `${base}.temporal.db`;
}

/** It holds what runs were started with. One that was copied, or made by hand, may be open. */
function closeDatabase(base: string): void {
  try {
    closeToOthers(databaseOf(base));
  } catch {
    throw new UsageError(
      `The database of the embedded Temporal server is open to others and not this user's to close; give ${databaseOf(base)} mode 0600 and to this user.`,
    );
  }
}

function lockOf(base: string): string {
  return `${base}.temporal.lock`;
}

function recordOf(base: string): string {
  return `${base}.temporal.json`;
}

async function freePort(wished = 0): Promise<number> {
  const probe = createServer().listen(wished, HOST);
  try {
    await once(probe, "listening");
  } catch {
    return freePort();
  }
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
  return address.port;
}

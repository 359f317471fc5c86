import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Connection } from "@temporalio/client";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import { temporalPath } from "../../tools/temporal-path.mjs";
import { assertPortIsFree } from "./free-port.ts";

export interface TemporalOptions {
  port: number;
  /** Where the server keeps its state; in memory without it. */
  dbFilename?: string;
  /** Without the web UI. Default: true. */
  headless?: boolean;
  /** Settings of the server, for example limits that a test wants to meet early. */
  dynamicConfig?: Readonly<Record<string, string>>;
  /** Port of the web UI; the CLI takes `port` + 1000 without it. */
  uiPort?: number;
}

export interface TemporalServer {
  /** host:port of the frontend. */
  address: string;
  pid: number;
  /** Sends the signal and resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Ends it in an orderly way; does nothing when it has ended already. */
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;
const HOST = "127.0.0.1";

/** Starts a dev server and resolves when it answers. It ends with this process at the latest, unless that is SIGKILLed. */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  await assertPortIsFree(options.port);
  const child = spawn(temporalPath(), startDevArguments(options), { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-4_000);
  });
  await once(child, "spawn");
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  child.once("exit", () => process.off("exit", endWithUs));

  const address = `${HOST}:${options.port}`;
  try {
    await waitUntilItAnswers(address, child);
  } catch (error) {
    await kill(child, "SIGKILL");
    throw new Error(`The Temporal dev server on ${address} did not start. ${complaint}`, { cause: error });
  }
  return {
    address,
    pid: child.pid ?? 0,
    kill: (signal) => kill(child, signal),
    stop: () => kill(child, "SIGTERM"),
  };
}

function startDevArguments({
  port,
  dbFilename,
  headless = true,
  uiPort,
  dynamicConfig = {},
}: TemporalOptions): string[] {
  const attributes = Object.entries(SEARCH_ATTRIBUTE_TYPES).flatMap(([name, type]) => [
    "--search-attribute",
    `${name}=${type}`,
  ]);
  const args = [
    "server",
    "start-dev",
    "--ip",
    HOST,
    "--port",
    `${port}`,
    "--log-level",
    "error",
    ...attributes,
  ];
  for (const [name, value] of Object.entries(dynamicConfig))
    args.push("--dynamic-config-value", `${name}=${value}`);
  if (headless) args.push("--headless");
  if (uiPort !== undefined) args.push("--ui-port", `${uiPort}`);
  if (dbFilename !== undefined) args.push("--db-filename", dbFilename);
  return args;
}

/** The namespace is made last, so its presence says that the server is ready. */
async function waitUntilItAnswers(address: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (true) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 });
      await connection.workflowService
        .describeNamespace({ namespace: "default" })
        .finally(() => connection.close());
      return;
    } catch (error) {
      if (hasEnded(child) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

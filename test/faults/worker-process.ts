import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { until } from "./until.ts";

const WORKER = join(import.meta.dirname, "../../src/worker.ts");
const OFFLINE = import.meta.resolve("../setup/offline.ts");

const READY = "worker started";

/** A worker as operators run it: a process of its own, steered by signals. */
export interface WorkerProcess {
  pid: number;
  startedAtMs: number;
  /** All that it wrote so far, both streams. */
  output(): string;
  /** Resolves once it polls for work, with how long its start took. */
  ready(): Promise<number>;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal and waits for the end; gives the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  exited(): Promise<number | null>;
}

/** On a busy machine: so many times what the worker's own start took. */
const STARTS = 4;

/** How long something may take that takes `usualMs` at most where a worker starts in two seconds. */
export async function timeFor(usualMs: number, worker: WorkerProcess): Promise<number> {
  return Math.max(usualMs, STARTS * (await worker.ready()));
}

/** Starts a worker from its entry file; killed when the test ends. */
export function startWorker(environment: Record<string, string>, entry = WORKER): WorkerProcess {
  const child = spawn(process.execPath, ["--import", OFFLINE, entry], {
    env: { ...inherited(), ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const startedAtMs = Date.now();
  let readyAtMs: number | undefined;
  child.stdout.on("data", (chunk) => {
    output += chunk;
    if (readyAtMs === undefined && output.includes(READY)) readyAtMs = Date.now();
  });
  child.stderr.on("data", (chunk) => (output += chunk));
  const exited = async () => {
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return child.exitCode;
  };
  onTestFinished(async () => {
    child.kill("SIGCONT");
    child.kill("SIGKILL");
    await exited();
  });
  return {
    pid: pidOf(child),
    startedAtMs,
    output: () => output,
    async ready() {
      const atMs = await until("the worker polls", () => {
        if (child.exitCode !== null) throw new Error(`The worker ended: ${output}`);
        return readyAtMs;
      });
      return atMs - startedAtMs;
    },
    signal: (signal) => child.kill(signal),
    end(signal) {
      child.kill(signal);
      return exited();
    },
    exited,
  };
}

/** Nothing of the person's own AWS, Temporal or WorkOS settings reaches a test. */
function inherited(): Record<string, string> {
  const { PATH = "", HOME = "" } = process.env;
  return { PATH, HOME };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("The worker did not start.");
  return child.pid;
}

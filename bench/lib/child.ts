import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const ROOT = join(import.meta.dirname, "../..");
const LOOK_EVERY_MS = 20;

/** A program of this project as a process of its own. */
export interface Child extends AsyncDisposable {
  pid: number;
  /** Resolves with the first line of its output that `wanted` takes; rejects when it ends before. */
  line(wanted: (line: string) => boolean): Promise<string>;
  /** Ends it in an orderly way. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  args?: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** For Node itself, for example `--cpu-prof`. */
  nodeOptions?: readonly string[];
}

/** `program` is a path from the project's root. Nothing of the person's own settings reaches it. */
export function startChild(program: string, options: ChildOptions = {}): Child {
  const { args = [], environment = {}, nodeOptions = [] } = options;
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [...nodeOptions, join(ROOT, program), ...args], {
    env: { PATH, HOME, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const stop = async () => {
    if (hasEnded()) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  return {
    pid: child.pid ?? 0,
    stop,
    [Symbol.asyncDispose]: stop,
    async line(wanted) {
      for (;;) {
        const ended = hasEnded();
        const found = output.split("\n").slice(0, -1).find(wanted);
        if (found !== undefined) return found;
        if (ended) throw new Error(`${program} ended: ${output}`);
        await sleep(LOOK_EVERY_MS);
      }
    },
  };
}

/** The first line of JSON that a program prints. */
export async function jsonOf(child: Child): Promise<unknown> {
  return JSON.parse(await child.line((line) => line.startsWith("{")));
}

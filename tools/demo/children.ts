import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { createInterface } from "node:readline";

export interface Child {
  pid: number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

const started = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of started) child.kill("SIGKILL");
});

/** Starts a Node program that ends with this process at the latest; what it writes goes to `logFile`. */
export function startLogged(args: readonly string[], env: NodeJS.ProcessEnv, logFile: string): Child {
  const log = openSync(logFile, "a");
  return childOf(spawn(process.execPath, args, { env, stdio: ["ignore", log, log] }));
}

/** Starts a Node program that says on its first line, in JSON, where it listens. */
export async function startAnnounced(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ child: Child; announced: unknown }> {
  const started = spawn(process.execPath, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const child = childOf(started);
  for await (const line of createInterface({ input: started.stdout })) {
    started.stdout.resume();
    return { child, announced: JSON.parse(line) };
  }
  throw new Error(`${args[0] ?? "A program"} ended before it listened.`);
}

export interface Ran {
  code: number | null;
  /** Both streams, as they came. */
  printed: string;
}

/** Runs a program to its end, without a terminal. */
export async function runToEnd(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ran> {
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  childOf(child);
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
    });
  await once(child, "close");
  return { code: child.exitCode, printed };
}

/** Runs a program that must succeed; resolves with what it printed. */
export async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { code, printed } = await runToEnd(program, args, env);
  if (code !== 0) throw new Error(`${program} failed: ${printed}`);
  return printed;
}

function childOf(child: ChildProcess): Child {
  started.add(child);
  const ended = once(child, "exit").then(() => started.delete(child));
  return {
    pid: child.pid ?? 0,
    async kill(signal) {
      child.kill(signal);
      await ended;
    },
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface BridgeProcess {
  url: string;
  /** Codes of what it logged before it served. */
  toldAtStart: readonly string[];
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, and what it wrote to standard error. */
  exited(): Promise<{ code: number | null; errors: string }>;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

/** The bridge as people run it, `node src/bridge.ts`, on a free port; killed when the test ends. */
export async function startBridgeProcess(environment: Record<string, string>): Promise<BridgeProcess> {
  const child = spawn(process.execPath, ["src/bridge.ts"], {
    env: { ...process.env, SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk;
    process.stderr.write(chunk);
  });
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  const toldAtStart: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    // Read to the end: a pipe that is full would hold the bridge up.
    createInterface({ input: child.stdout }).on("line", (line) => {
      // Pino writes JSON lines.
      const written = JSON.parse(line) as { msg?: string; url?: string; code?: string };
      if (written.code !== undefined) toldAtStart.push(written.code);
      if (written.msg === "bridge started" && written.url !== undefined) resolve(written.url);
    });
    void exited.then(() => reject(new Error("The bridge did not start.")));
  });
  return {
    url,
    toldAtStart: [...toldAtStart],
    signal: (signal) => child.kill(signal),
    async exited() {
      await exited;
      return { code: child.exitCode, errors };
    },
    kill,
  };
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

export interface BridgeProcess {
  url: string;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
}

/** The bridge as people run it, `node src/bridge.ts`, on a free port; killed when the test ends. */
export async function startBridgeProcess(environment: Record<string, string>): Promise<BridgeProcess> {
  const child = spawn(process.execPath, ["src/bridge.ts"], {
    env: { ...process.env, SPILLWAY_BRIDGE_ADDRESS: "127.0.0.1:0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  onTestFinished(kill);
  const url = await new Promise<string>((resolve, reject) => {
    // Read to the end: a pipe that is full would hold the bridge up.
    createInterface({ input: child.stdout }).on("line", (line) => {
      // Pino writes JSON lines.
      const written = JSON.parse(line) as { msg?: string; url?: string };
      if (written.msg === "bridge started" && written.url !== undefined) resolve(written.url);
    });
    void exited.then(() => reject(new Error("The bridge did not start.")));
  });
  return { url, kill };
}

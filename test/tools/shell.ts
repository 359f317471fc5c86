import { spawn } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** A line as somebody types it into a shell, with nothing of ours in its environment. */

export interface Shell {
  printed(text: string | RegExp): Promise<string>;
  ended: Promise<{ code: number | null; text: string }>;
  /** With SIGKILL, and whatever it started. */
  kill(): void;
}

export function shell(line: string, cwd: string): Shell {
  const env = { PATH: process.env.PATH, HOME: process.env.HOME };
  // A group of its own: what the line starts ends with it.
  const child = spawn("bash", ["-c", line], {
    cwd,
    env,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const kill = () => {
    const isUp = child.exitCode === null && child.signalCode === null;
    if (child.pid !== undefined && isUp) process.kill(-child.pid, "SIGKILL");
  };
  onTestFinished(kill);
  let text = "";
  let news = Promise.withResolvers<void>();
  const changed = () => {
    news.resolve();
    news = Promise.withResolvers();
  };
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      changed();
    });
  const ended = once(child, "close").then(() => {
    changed();
    return { code: child.exitCode, text };
  });
  const isThere = (wanted: string | RegExp) =>
    typeof wanted === "string" ? text.includes(wanted) : wanted.test(text);
  return {
    ended,
    kill,
    async printed(wanted) {
      while (!isThere(wanted)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`It ended before it printed ${wanted}: ${text}`);
        await news.promise;
      }
      return text;
    },
  };
}

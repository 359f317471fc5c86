import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { onTestFinished } from "vitest";

const CLI = join(import.meta.dirname, "..", "..", "src", "cli.ts");

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  /** Resolves when standard output holds the text. */
  printed(text: string): Promise<void>;
  ended: Promise<Ran>;
}

type Settings = Readonly<Record<string, string>>;

/** Starts a command in `folder`, with these settings and none of the machine's own. */
export function startCli(
  words: readonly string[],
  folder: string,
  settings: Settings = {},
  input = "",
): Running {
  return startProgram([CLI, ...words], folder, settings, input);
}

export function startProgram(
  args: readonly string[],
  folder: string,
  settings: Settings,
  input = "",
): Running {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: "true",
    // As by the launcher of a clone, from its folder.
    SPILLWAY_CALLED_AS: "./spillway",
    ...settings,
  };
  const child = spawn(process.execPath, args, { cwd: folder, env, stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  child.stdin.end(input);
  const ran: Ran = { code: null, stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    ran.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    ran.stderr += text;
  });
  const ended = once(child, "close").then(() => ({ ...ran, code: child.exitCode }));
  return {
    child,
    ended,
    async printed(text) {
      while (!ran.stdout.includes(text)) {
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`It ended before it printed "${text}": ${ran.stdout}${ran.stderr}`);
        await Promise.race([once(child.stdout, "data"), ended]);
      }
    },
  };
}

export function runCli(
  words: readonly string[],
  folder: string,
  settings?: Settings,
  input?: string,
): Promise<Ran> {
  return startCli(words, folder, settings, input).ended;
}

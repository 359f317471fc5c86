import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { join } from "node:path";
import { shellLine } from "../../src/domain/shell-line.ts";

const CLI = join(import.meta.dirname, "..", "..", "src", "cli.ts");

export interface AtOwnTerminal {
  words: readonly string[];
  folder: string;
  settings: Readonly<Record<string, string>>;
  columns: number;
  rows: number;
}

/** A command of ours at a terminal of its own, by util-linux's `script`: what it draws comes out at `stdout`. */
export function spawnAtTerminal({
  words,
  folder,
  settings,
  columns,
  rows,
}: AtOwnTerminal): ChildProcessWithoutNullStreams {
  const line = `stty cols ${columns} rows ${rows}; exec ${shellLine([process.execPath, CLI, ...words])}`;
  const own = { HOME: folder, TERM: "xterm", SHELL: "/bin/bash", SPILLWAY_CALLED_AS: "./spillway" };
  const env = { PATH: process.env.PATH, ...own, ...settings };
  return spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    ...{ cwd: folder, env },
    stdio: "pipe",
  });
}

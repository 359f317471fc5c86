import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { setupLog } from "./places.mjs";

const REDRAW_EVERY_MS = 500;
const BAR_WIDTH = 20;
const LINES_WHEN_FAILED = 15;

/**
 * One line on standard error while `work` goes on: redrawn at a terminal, else printed once. `work` gets a function that
 * tells how far it is, from 0 to 1, where that can be known.
 */
export async function showStep(title, work) {
  const isTerminal = process.stderr.isTTY === true;
  const startedMs = Date.now();
  let share = null;
  const draw = () => {
    const seconds = `${Math.round((Date.now() - startedMs) / 1_000)} s`;
    process.stderr.write(`\r\x1b[K${title} ${share === null ? "" : `${barOf(share)} `}${seconds}`);
  };
  if (!isTerminal) process.stderr.write(`${title} …\n`);
  const redraw = isTerminal ? setInterval(draw, REDRAW_EVERY_MS) : undefined;
  try {
    return await work((known) => {
      share = known;
    });
  } finally {
    clearInterval(redraw);
    if (isTerminal) {
      draw();
      process.stderr.write("\n");
    }
  }
}

function barOf(share) {
  const full = Math.round(BAR_WIDTH * Math.min(1, share));
  return `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)} ${Math.floor(100 * share)} %`;
}

/**
 * Runs a program whose output goes to the set-up's log; the log's end is shown where it fails. Answers "done", "failed",
 * or "missing" where there is no such program.
 */
export async function runQuietly(program, args, { cwd, env = process.env }) {
  mkdirSync(dirname(setupLog), { recursive: true });
  const log = openSync(setupLog, "a", 0o600);
  writeSync(log, `\n$ ${[program, ...args].join(" ")}\n`);
  try {
    const outcome = await new Promise((resolve) => {
      const child = spawn(program, args, { cwd, env, stdio: ["ignore", log, log] });
      child.once("error", () => resolve("missing"));
      child.once("exit", (code) => resolve(code === 0 ? "done" : "failed"));
    });
    if (outcome === "failed") console.error(lastLines());
    return outcome;
  } finally {
    closeSync(log);
  }
}

function lastLines() {
  const lines = readFileSync(setupLog, "utf8").trimEnd().split("\n").slice(-LINES_WHEN_FAILED);
  return lines.map((line) => `  ${line}`).join("\n");
}

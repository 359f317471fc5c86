import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { takesItsTime } from "../../src/ledger/indexes.ts";

const ROOT = join(import.meta.dirname, "../..");
const MEASURE = join(import.meta.dirname, "measure.mjs");

const processMeasures = z.object({ cpuMs: z.number(), peakBytes: z.number() });
const statements = z.array(
  z.object({
    sql: z.string(),
    slowestMs: z.number(),
    cpuMs: z.number().optional(),
    times: z.number(),
  }),
);

export type SlowStatement = z.infer<typeof statements>[number];

export interface Measured {
  wallMs: number;
  cpuMs: number;
  peakBytes: number;
  /** Builds of indexes apart: slowest first. */
  slow: SlowStatement[];
  output: string;
}

export interface Program {
  command: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  input?: string;
}

/** Runs a program to its end, of which nothing but these settings is known to it; throws where it fails. */
export async function measured({ command, args, environment, input = "" }: Program): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), "spillway-measures-"));
  const { PATH = "", HOME = "" } = process.env;
  const beganAtMs = performance.now();
  try {
    const child = spawn(command, args, {
      cwd: ROOT,
      env: { PATH, HOME, ...environment, NODE_OPTIONS: `--import ${MEASURE}`, BENCH_MEASURES: folder },
      stdio: "pipe",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.stdin.end(input);
    await once(child, "close");
    const wallMs = performance.now() - beganAtMs;
    if (child.exitCode !== 0)
      throw new Error(`${command} ${args.join(" ")} ended with ${child.exitCode}: ${output}`);
    return { wallMs, output, ...readMeasures(folder) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readMeasures(folder: string): Omit<Measured, "wallMs" | "output"> {
  const file = join(folder, "process.json");
  if (!existsSync(file)) throw new Error("The program was not measured.");
  const told = globSync("statements-*.json", { cwd: folder }).flatMap((name) =>
    statements.parse(JSON.parse(readFileSync(join(folder, name), "utf8"))),
  );
  const slow = slowestFirst(told.filter(({ sql }) => !takesItsTime(sql)));
  return { ...processMeasures.parse(JSON.parse(readFileSync(file, "utf8"))), slow };
}

export function slowestFirst(slow: readonly SlowStatement[]): SlowStatement[] {
  return slow.toSorted((one, other) => other.slowestMs - one.slowestMs);
}

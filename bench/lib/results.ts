import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { join } from "node:path";
import { type Figure, isKept, rounded4 } from "./figures.ts";

const RESULTS = join(import.meta.dirname, "../results.json");

export interface Result {
  date: string;
  users: readonly number[];
  machine: { cpu: string; cores: number; memoryGigabytes: number; node: string; loadAtStart: number };
  figures: Record<string, { value: number; target?: Figure["target"]; kept?: boolean }>;
}

/** Where a bench runs. Ask before it begins: its own load is no news. */
export function describeMachine(): Result["machine"] {
  const cores = cpus();
  return {
    cpu: cores[0]?.model.trim() ?? "unknown",
    cores: cores.length,
    memoryGigabytes: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAtStart: rounded4(loadavg()[0] ?? 0),
  };
}

/** Puts a bench's figures beside those of the others. */
export function keepResult(
  name: string,
  users: readonly number[],
  machine: Result["machine"],
  figures: readonly Figure[],
): void {
  const result: Result = {
    date: new Date().toISOString().slice(0, 10),
    users,
    machine,
    figures: Object.fromEntries(figures.map((figure) => [figure.name, toResult(figure)])),
  };
  const others: unknown = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, "utf8")) : {};
  const merged = { ...(others as object), [name]: result };
  writeFileSync(RESULTS, `${JSON.stringify(merged, null, 2)}\n`);
}

function toResult(figure: Figure): Result["figures"][string] {
  const { target } = figure;
  const value = rounded4(figure.value);
  return target === undefined ? { value } : { value, target, kept: isKept(figure) };
}

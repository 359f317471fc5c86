import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const FOLDER = join(import.meta.dirname, "../../node_modules/.cache/spillway/reliability");

/** Keeps what a fault test saw; `node tools/reliability.ts` makes the list in docs/reliability.md from it. */
export function recordFigures(fault: string, figures: Record<string, number | string>): void {
  mkdirSync(FOLDER, { recursive: true });
  const test = expect.getState().currentTestName ?? "";
  const name = fault.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase();
  writeFileSync(join(FOLDER, `${name}.json`), `${JSON.stringify({ fault, test, figures }, null, 2)}\n`);
}

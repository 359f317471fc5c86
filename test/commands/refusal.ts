import { expect } from "vitest";
import type { Ran } from "./cli.ts";

/** One sentence, and nothing else. */
export function expectRefusal({ code, stdout, stderr }: Ran, sentence: RegExp): void {
  expect(stderr).toMatch(sentence);
  expect(stderr.trimEnd()).not.toContain("\n");
  expect(stdout).toBe("");
  expect(code).toBe(2);
}

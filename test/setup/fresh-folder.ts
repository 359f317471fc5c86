import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new empty folder, removed after the test that asked for it. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "spillway-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

import { chmodSync } from "node:fs";
import { onTestFinished } from "vitest";

const NOBODY = 65_534;

/** Takes all permissions from a file or folder, and lets `work` ask as somebody for whom that matters: root may all. */
export async function withoutPermission<T>(path: string, work: () => Promise<T>): Promise<T> {
  chmodSync(path, 0o000);
  onTestFinished(() => chmodSync(path, 0o700));
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}

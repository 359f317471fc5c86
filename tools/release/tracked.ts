import { execFileSync } from "node:child_process";

/**
 * The files of a clone below these paths that git has: whatever else lies there, a ledger or secrets of somebody who tried
 * an example, is nobody's to publish, and what git ignores shows in no status either.
 */
export function trackedFiles(root: string, paths: readonly string[]): string[] {
  // Also where the clone is somebody else's, as in a container.
  const words = ["-c", `safe.directory=${root}`, "ls-files", "-z", "--", ...paths];
  const listed = execFileSync("git", words, { cwd: root, encoding: "utf8" });
  return listed.split("\0").filter((path) => path !== "");
}

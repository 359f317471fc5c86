import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { TEMPORAL_VERSION } from "./places.mjs";

/** An offline machine must get to building soon, so the answer has to begin by then. */
const ANSWER_TIMEOUT_MS = 5_000;
const TRANSFER_TIMEOUT_MS = 10 * 60_000;

/** Puts the released CLI at `target`; false when it cannot be had. */
export async function downloadTemporal(target) {
  const scratch = mkdtempSync(join(dirname(target), "download-"));
  try {
    const archive = join(scratch, "temporal.tar.gz");
    await writeFile(archive, await fetchArchive());
    const unpacked = spawnSync("tar", ["-xzf", archive, "-C", scratch, "temporal"], { stdio: "ignore" });
    if (unpacked.status !== 0 || !runs(join(scratch, "temporal"))) return false;
    renameSync(join(scratch, "temporal"), target);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Source: https://docs.temporal.io/cli/setup-cli names this address for every platform. */
async function fetchArchive() {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const url = `https://temporal.download/cli/archive/v${TEMPORAL_VERSION}?platform=${process.platform}&arch=${arch}`;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_TIMEOUT_MS);
  const response = await fetch(url, { signal: stop.signal }).finally(() => clearTimeout(timer));
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  console.error(`Downloading the Temporal CLI ${TEMPORAL_VERSION} …`);
  const transfer = setTimeout(() => stop.abort(), TRANSFER_TIMEOUT_MS);
  return Buffer.from(await response.arrayBuffer().finally(() => clearTimeout(transfer)));
}

function runs(path) {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return (stdout ?? "").includes(TEMPORAL_VERSION);
}

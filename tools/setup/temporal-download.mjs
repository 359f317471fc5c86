import { spawnSync } from "node:child_process";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PLATFORM, sha256, TEMPORAL_ARCHIVES } from "./checksums.mjs";
import { TEMPORAL_VERSION } from "./places.mjs";
import { showStep } from "./steps.mjs";

const RELEASES = "https://github.com/temporalio/cli/releases/download";
/** An offline machine must get to building soon, so the answer has to begin by then. */
const ANSWER_TIMEOUT_MS = 5_000;
const TRANSFER_TIMEOUT_MS = 10 * 60_000;

/** Puts the released CLI at `target`; false when it cannot be had, or is not the one whose checksum stands here. */
export async function downloadTemporal(target, releases = RELEASES) {
  const wanted = TEMPORAL_ARCHIVES[PLATFORM];
  if (wanted === undefined) return false;
  const scratch = mkdtempSync(join(dirname(target), "download-"));
  try {
    const archive = await fetchArchive(releases);
    const found = sha256(archive);
    if (found !== wanted) {
      console.error(
        `The archive of the Temporal CLI ${TEMPORAL_VERSION} is not the published one (SHA-256 ${found}, not ${wanted}): it was thrown away.`,
      );
      return false;
    }
    const file = join(scratch, "temporal.tar.gz");
    await writeFile(file, archive);
    const unpacked = spawnSync("tar", ["-xzf", file, "-C", scratch, "temporal"], { stdio: "ignore" });
    if (unpacked.status !== 0 || !runs(join(scratch, "temporal"))) return false;
    renameSync(join(scratch, "temporal"), target);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function fetchArchive(releases) {
  const platform = PLATFORM.replace("-x64", "-amd64").replace("-", "_");
  const url = `${releases}/v${TEMPORAL_VERSION}/temporal_cli_${TEMPORAL_VERSION}_${platform}.tar.gz`;
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ANSWER_TIMEOUT_MS);
  const response = await fetch(url, { signal: stop.signal }).finally(() => clearTimeout(timer));
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const transfer = setTimeout(() => stop.abort(), TRANSFER_TIMEOUT_MS);
  try {
    return await showStep(`Downloading the Temporal CLI ${TEMPORAL_VERSION}`, (tell) =>
      bodyOf(response, tell),
    );
  } finally {
    clearTimeout(transfer);
  }
}

async function bodyOf(response, tell) {
  const size = Number(response.headers.get("content-length"));
  const parts = [];
  let bytes = 0;
  for await (const part of response.body) {
    parts.push(part);
    bytes += part.length;
    if (size > 0) tell(bytes / size);
  }
  return Buffer.concat(parts);
}

function runs(path) {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8" });
  return (stdout ?? "").includes(TEMPORAL_VERSION);
}

import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { cachedTemporal, modules, temporalRecord } from "./places.mjs";
import { buildTemporal } from "./temporal-build.mjs";
import { downloadTemporal } from "./temporal-download.mjs";

/** The oldest CLI whose dev server takes the options that the demo and the tests use. */
const OLDEST = [1, 5];

/** Finds the Temporal CLI, else downloads it, else builds it; records where it is, and returns that. */
export async function provideTemporal() {
  const known = recorded();
  if (isExecutable(known)) return known;
  const path = onPath() ?? cached() ?? (await make());
  record(path);
  return path;
}

/** Finding it again costs little where the installation is somebody else's. */
function record(path) {
  try {
    mkdirSync(dirname(temporalRecord), { recursive: true });
    writeFileSync(temporalRecord, `${path}\n`);
  } catch (error) {
    if (!["EACCES", "EPERM", "EROFS"].includes(error.code)) throw error;
  }
}

function recorded() {
  return existsSync(temporalRecord) ? readFileSync(temporalRecord, "utf8").trim() : "";
}

function onPath() {
  const folders = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder !== "" && !folder.startsWith(modules));
  return folders
    .map((folder) => join(folder, "temporal"))
    .find((path) => isExecutable(path) && isNewEnough(path));
}

function cached() {
  return isExecutable(cachedTemporal) ? cachedTemporal : undefined;
}

async function make() {
  mkdirSync(dirname(cachedTemporal), { recursive: true });
  if (!(await downloadTemporal(cachedTemporal))) await buildTemporal(cachedTemporal);
  return cachedTemporal;
}

/** `temporal --version` prints "temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)". */
function isNewEnough(path) {
  const { stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 10_000 });
  const version = /temporal version (\d+)\.(\d+)/.exec(stdout ?? "");
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

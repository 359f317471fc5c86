import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { NODE_PROGRAMS, PLATFORM, sha256 } from "./checksums.mjs";
import { modules, root, setupLog } from "./places.mjs";
import { SetupProblem } from "./problem.mjs";
import { runQuietly, showStep } from "./steps.mjs";

const NODE_MAJOR = 24;
const node = join(modules, ".bin", "node");

/** `npm ci` unless node_modules holds what package-lock.json asks for. */
export async function installPackages() {
  if (isInstalled()) return;
  await showStep("Installing the npm packages", installAll);
  if (nodeMajor() !== NODE_MAJOR) await finishNode();
}

/** npm notes in node_modules/.package-lock.json what it installed, and writes that file last. */
function isInstalled() {
  const installed = join(modules, ".package-lock.json");
  if (!existsSync(node) || !existsSync(installed)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(([path, entry]) => {
    const found = present[path];
    if (path === "") return true;
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(lockFile, "utf8")).packages;
  } catch {
    throw new SetupProblem(`${lockFile} cannot be read; restore it from the repository.`);
  }
}

async function installAll() {
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  const outcome = await runQuietly("npm", args, { cwd: root, env: environment() });
  if (outcome === "missing")
    throw new SetupProblem(
      "npm was not found; install Node with npm from https://nodejs.org, then start again.",
    );
  if (outcome === "failed")
    throw new SetupProblem(
      `"npm ci" failed, see ${setupLog}; check that this machine reaches an npm registry, then start again.`,
    );
}

/** The package `node` fetches its program in an install script, which npm may be configured to leave out. */
async function finishNode() {
  const folder = join(modules, "node");
  if (existsSync(folder))
    await runQuietly(process.execPath, ["installArchSpecificPackage"], { cwd: folder, env: environment() });
  if (nodeMajor() !== NODE_MAJOR)
    throw new SetupProblem(
      `The npm package "node" did not install Node ${NODE_MAJOR}, see ${setupLog}; install Node ${NODE_MAJOR} and npm from https://nodejs.org, then start again.`,
    );
}

/** That install script takes whatever the registry gives it: no lock file pins the program. */
function nodeMajor() {
  if (!existsSync(node)) return Number.NaN;
  const program = realpathSync(node);
  const [wanted, found] = [NODE_PROGRAMS[PLATFORM], sha256(readFileSync(program))];
  if (wanted !== undefined && found !== wanted) {
    rmSync(program);
    throw new SetupProblem(
      `The npm package "node" brought a program that is not the one expected (SHA-256 ${found}, not ${wanted}), and it was removed; check which npm registry this machine uses, then start again.`,
    );
  }
  const { stdout } = spawnSync(node, ["--print", "process.versions.node"], { encoding: "utf8" });
  return Number.parseInt(stdout ?? "", 10);
}

/** Without our own node_modules/.bin on PATH: npm must not run on the Node that it is about to replace. */
function environment() {
  const ours = join(modules, ".bin");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ours);
  return { ...process.env, PATH: path.join(delimiter) };
}

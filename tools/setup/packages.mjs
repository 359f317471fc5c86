import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { modules, root } from "./places.mjs";
import { SetupProblem } from "./problem.mjs";

const NODE_MAJOR = 24;
const node = join(modules, ".bin", "node");

/** `npm ci` unless node_modules holds what package-lock.json asks for. */
export function installPackages() {
  if (isInstalled()) return;
  console.error("Installing the npm packages …");
  npm(["ci", "--no-audit", "--no-fund", "--loglevel=error"], root);
  if (nodeMajor() !== NODE_MAJOR) finishNode();
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

/** The package `node` fetches its binary in an install script, which npm may be configured to leave out. */
function finishNode() {
  const folder = join(modules, "node");
  if (existsSync(folder))
    spawnSync(process.execPath, ["installArchSpecificPackage"], {
      cwd: folder,
      env: environment(),
      stdio: "inherit",
    });
  if (nodeMajor() !== NODE_MAJOR)
    throw new SetupProblem(
      `The npm package "node" did not install Node ${NODE_MAJOR}; install Node ${NODE_MAJOR} and npm from https://nodejs.org, then start again.`,
    );
}

function nodeMajor() {
  const { stdout } = spawnSync(node, ["--print", "process.versions.node"], { encoding: "utf8" });
  return Number.parseInt(stdout ?? "", 10);
}

function npm(args, cwd) {
  const { error, status } = spawnSync("npm", args, { cwd, env: environment(), stdio: ["ignore", 2, 2] });
  if (error !== undefined)
    throw new SetupProblem(
      "npm was not found; install Node with npm from https://nodejs.org, then start again.",
    );
  if (status !== 0)
    throw new SetupProblem(
      `"npm ${args[0]}" failed, see above; check that this machine reaches an npm registry, then start again.`,
    );
}

/** Without our own node_modules/.bin on PATH: npm must not run on the Node that it is about to replace. */
function environment() {
  const ours = join(modules, ".bin");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ours);
  return { ...process.env, PATH: path.join(delimiter) };
}

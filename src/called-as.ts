import { existsSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { installedPrograms, type Programs, withPrograms } from "./domain/programs.ts";
import { shellLine } from "./domain/shell-line.ts";

const ROOT = join(import.meta.dirname, "..");
/** Below node_modules. */
const isPackage = installedPrograms.spillway !== "./spillway";

type Environment = Readonly<Record<string, string | undefined>>;

/** A text for whoever called this program: the commands in it run where they stand. */
export function asCalled(text: string): string {
  return withPrograms(text, programs);
}

/** Where the pages are that sentences name, `docs/start.md` for one; null where they are not here, or lie in the folder itself. */
export function pagesFolder(): string | null {
  const folder = join(ROOT, "docs");
  return process.cwd() === ROOT || !existsSync(folder) ? null : folder;
}

/** A path that was named counts from the folder of whoever called. */
export function namedPath(path: string): string {
  const folder = process.cwd();
  const caller = callersFolder(process.env, folder);
  return caller === folder ? path : resolve(caller, path);
}

/** npm changes to the project's root before it runs a script. */
function callersFolder(environment: Environment, folder: string): string {
  const { npm_lifecycle_event: script, npm_package_json: project, INIT_CWD: calledIn } = environment;
  const isOwnScript = script === "migrate" && project !== undefined && resolve(project, "..") === ROOT;
  return isOwnScript && calledIn !== undefined ? calledIn : folder;
}

/** `SPILLWAY_CALLED_AS` is the path by which the launcher was called. */
function calledPrograms(environment: Environment, folder: string): Programs {
  const { npm_lifecycle_event: script, SPILLWAY_CALLED_AS: path, PATH = "" } = environment;
  // npm finds the program of a package, whatever called it.
  if (isPackage && script !== undefined) return installedPrograms;
  const caller = callersFolder(environment, folder);
  const called = path === undefined || path === "" || caller !== folder ? launcherFrom(caller) : path;
  const isOnPath = PATH.split(delimiter).includes(dirname(called));
  const isInRoot = resolve(caller, called, "..") === ROOT;
  return {
    spillway: isOnPath ? "spillway" : shellLine([called]),
    temporal: isPackage ? "temporal" : shellLine([`${isInRoot ? dirname(called) : ROOT}/temporal`]),
  };
}

function launcherFrom(folder: string): string {
  return folder === ROOT ? "./spillway" : join(ROOT, "spillway");
}

const programs = calledPrograms(process.env, process.cwd());

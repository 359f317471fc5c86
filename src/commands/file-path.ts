import { join, resolve } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

/** npm changes to the project's root before it runs a script: a path that was named counts from where npm was called. */
export function namedPath(path: string): string {
  const { npm_lifecycle_event: script, npm_package_json: project, INIT_CWD: calledIn } = process.env;
  const isOwnScript = script === "migrate" && project !== undefined && resolve(project, "..") === ROOT;
  return isOwnScript && calledIn !== undefined ? resolve(calledIn, path) : path;
}

/** For commands that are printed: they are for the project's root. */
export function pathAtRoot(path: string): string {
  return process.cwd() === ROOT ? path : resolve(path);
}

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile, rename, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { bundleWorkflowCode, type WorkflowBundleOption } from "@temporalio/worker";
import { cacheFolder } from "../cache-folder.ts";

const SOURCES = join(import.meta.dirname, "..");
const WORKFLOWS = join(SOURCES, "workflows");
/** TypeScript in a clone, JavaScript in the package. */
const EXTENSION = extname(import.meta.filename);
/** The rooms whose code workflows are made of. */
const ROOMS = [join(SOURCES, "domain"), WORKFLOWS];

/**
 * The workflow code as one file, made once per version of its sources: a worker that comes back after a crash
 * starts at once, and the bundler's memory is that of another process.
 */
export async function workflowBundle(): Promise<WorkflowBundleOption> {
  const folder = cacheFolder("workflows");
  if (folder === null) return bundle();
  const codePath = join(folder, `${await version()}.js`);
  if (existsSync(codePath)) return { codePath };
  try {
    await promisify(execFile)(process.execPath, [import.meta.filename, codePath]);
    return { codePath };
  } catch {
    // An installation that cannot be written to bundles at each start.
    return bundle();
  }
}

async function version(): Promise<string> {
  const hash = createHash("sha256");
  const sdk: unknown = createRequire(import.meta.url)("@temporalio/workflow/package.json");
  hash.update(JSON.stringify(sdk));
  for (const room of ROOMS)
    for (const name of (await readdir(room, { recursive: true })).sort())
      if (name.endsWith(EXTENSION)) hash.update(name).update(await readFile(join(room, name)));
  return hash.digest("hex").slice(0, 16);
}

async function bundle(): Promise<{ code: string }> {
  const silent = () => undefined;
  const logger = { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent };
  return bundleWorkflowCode({ workflowsPath: join(WORKFLOWS, `workflows${EXTENSION}`), logger });
}

if (import.meta.main) {
  const [, , codePath] = process.argv;
  if (codePath === undefined) throw new Error("Usage: node workflow-bundle FILE");
  const { code } = await bundle();
  const unfinished = `${codePath}.${process.pid}`;
  await writeFile(unfinished, code);
  await rename(unfinished, codePath);
}

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { PACKAGE_PROGRAMS, withPrograms } from "../../src/domain/programs.ts";
import { trackedFiles } from "./tracked.ts";

const ROOT = join(import.meta.dirname, "../..");
const PAGES = ["README.md", "CHANGELOG.md", "SECURITY.md"];
/** The launcher, and what finds the Temporal CLI. */
const AS_THEY_ARE = [
  "LICENSE",
  "spillway",
  "tools/temporal-path.mjs",
  ...["checksums", "places", "problem", "steps", "temporal", "temporal-build", "temporal-download"].map(
    (name) => `tools/setup/${name}.mjs`,
  ),
  "tools/temporal",
  "docs",
  "examples",
  "deploy/prometheus",
  "deploy/grafana",
];
/** `import.meta.main`. */
const NODE = ">=24.2.0";

/**
 * Makes the npm package in `folder`, which is emptied: the sources as JavaScript, as Node runs no TypeScript below
 * node_modules. Everything lies where it lies in a clone.
 */
export function makePackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  compile(folder);
  for (const path of trackedFiles(ROOT, AS_THEY_ARE)) cpSync(join(ROOT, path), join(folder, path));
  for (const path of [...PAGES, ...trackedFiles(ROOT, ["docs/*.md"])]) {
    const text = readFileSync(join(ROOT, path), "utf8");
    writeFileSync(join(folder, path), withPrograms(text, PACKAGE_PROGRAMS));
  }
  writeJson(join(folder, "package.json"), packageManifest());
  writeJson(join(folder, "npm-shrinkwrap.json"), shrinkwrap());
}

function compile(folder: string): void {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  execFileSync(tsc, ["--project", join(ROOT, "tools/release/tsconfig.json"), "--outDir", folder], {
    stdio: ["ignore", 2, 2],
  });
  // The package of its own.
  rmSync(join(folder, "src/tokens"), { recursive: true });
}

/** A clone is private, so that nobody publishes sources that Node does not run. */
function packageManifest() {
  const { name, version, description, license, type, dependencies } = manifest;
  return {
    ...{ name, version, description, license, type },
    keywords: ["cognito", "migration", "temporal", "user-pool", "workos"],
    bin: { spillway: "spillway" },
    engines: { node: NODE },
    os: ["linux", "darwin"],
    dependencies,
  };
}

const lockSchema = z.looseObject({
  packages: z.record(z.string(), z.looseObject({ dev: z.boolean().optional() })),
});

/** Whoever installs the package gets the versions that were tested here, further down as well. */
function shrinkwrap(): object {
  const { packages, ...lock } = lockSchema.parse(
    JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")),
  );
  const kept = Object.entries(packages).filter(([path, { dev }]) => path !== "" && dev !== true);
  return { ...lock, packages: { "": packageManifest(), ...Object.fromEntries(kept) } };
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

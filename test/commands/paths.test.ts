import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";
import { startRig } from "./rig.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** `npm run migrate -- wrong.json` in `folder`: npm changes to the root of the project whose script it is. */
function npmRunMigrate(folder: string, project: string) {
  const npm_package_json = join(project, "package.json");
  const npm = { INIT_CWD: folder, npm_lifecycle_event: "migrate", npm_package_json };
  return runCli(["migrate", "wrong.json"], ROOT, npm);
}

test("npm run migrate finds a file from the folder where npm was called", async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, "wrong.json"), "{}");
  expect((await npmRunMigrate(folder, ROOT)).stderr).toMatch(/^The migration file is wrong/);
});

test("a script of another project finds a file from where it stands itself", async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, "wrong.json"), "{}");
  expect((await npmRunMigrate(folder, folder)).stderr).toMatch(/^There is no file wrong\.json\./);
});

const runs = promisify(execFile);

/** What `spillway chekc` leads to, called by this path in `folder`. */
async function helpNamed(launcher: string, folder: string, PATH = process.env.PATH ?? ""): Promise<string> {
  const refused = await runs(launcher, ["chekc"], { cwd: folder, env: { PATH } }).catch(
    ({ stderr }: { stderr: string }) => stderr,
  );
  return /see (.+) --help\.\n$/.exec(String(refused))?.[1] ?? "";
}

test("the commands that it prints run where it was called, as it was called", async () => {
  const folder = join(freshFolder(), "my folder");
  mkdirSync(folder);
  symlinkSync(join(ROOT, "spillway"), join(folder, "spillway"));
  expect(await helpNamed("./spillway", ROOT)).toBe("./spillway");
  expect(await helpNamed("../spillway", join(ROOT, "docs"))).toBe("../spillway");
  expect(await helpNamed(join(folder, "spillway"), ROOT)).toBe(`'${folder}/spillway'`);
  expect(await helpNamed("spillway", ROOT, `${folder}${delimiter}${process.env.PATH}`)).toBe("spillway");
});

test("the commands that check prints name the file as it was given, and the Temporal CLI beside the launcher", async () => {
  const { folder, settings } = await startRig(1);
  const own = { ...settings, SPILLWAY_CALLED_AS: "" };
  const { stdout } = await runCli(["check", "migration.json", "--offline"], folder, own);
  expect(stdout).toContain(`\n  ${ROOT}/spillway migrate migration.json\n`);
  expect(stdout).toContain(`\n  ${ROOT}/temporal workflow start `);
  expect(stdout).toContain("--input-file migration.json\n");
  const asked = await runCli(["check", "migration.json", "--offline", "--json"], folder, own);
  expect(JSON.parse(asked.stdout).start).toMatch(
    new RegExp(`^${ROOT}/temporal .* --input-file migration.json$`),
  );
});

test("npm run migrate prints commands that run where npm was called", async () => {
  const folder = freshFolder();
  const npm = {
    INIT_CWD: folder,
    npm_lifecycle_event: "migrate",
    npm_package_json: join(ROOT, "package.json"),
  };
  const { stderr } = await runCli(["chekc"], ROOT, npm);
  expect(stderr).toContain(`see ${ROOT}/spillway --help.`);
});

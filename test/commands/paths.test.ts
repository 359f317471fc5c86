import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
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

test("the commands that check prints run at the project's root, wherever it was called", async () => {
  const { file, folder, settings } = await startRig(1);
  const inFolder = await runCli(["check", "migration.json", "--offline"], folder, settings);
  expect(inFolder.stdout).toContain(`./spillway migrate ${file}\n`);
  expect(inFolder.stdout).toContain(`--input-file ${file}\n`);
  const fromRoot = relative(ROOT, file);
  const atRoot = await runCli(["check", fromRoot, "--offline"], ROOT, settings);
  expect(atRoot.stdout).toContain(`./spillway migrate ${fromRoot}\n`);
  const { stdout } = await runCli(["check", "migration.json", "--offline", "--json"], folder, settings);
  expect(JSON.parse(stdout).start).toMatch(new RegExp(` --input-file ${file}$`));
});

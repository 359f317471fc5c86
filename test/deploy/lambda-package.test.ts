import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";

const SCRIPT = "deploy/lambda/package.sh";

/** Stands for npm: installs one package, for its owner alone. */
const NPM = "#!/bin/sh\numask 077\nmkdir -p node_modules/a && echo a > node_modules/a/index.js\n";
/** Stands for zip: keeps what would be in it as a folder. */
const ZIP = '#!/bin/sh\ncp -Rp . "$2"\n';

test("the function is packed of what git has, and readable by all", () => {
  const folder = freshFolder();
  const write = (path: string, text = "") => writeFileSync(join(folder, path), text, { mode: 0o600 });
  for (const path of ["deploy/lambda", "src/bridge"]) mkdirSync(join(folder, path), { recursive: true });
  cpSync(SCRIPT, join(folder, SCRIPT));
  write(".gitignore", "*.db\n");
  const tracked = ["deploy/lambda/index.mjs", "src/bridge/a.ts", "package.json", "package-lock.json"];
  for (const path of [...tracked, "README.md"]) write(path);
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  execFileSync("git", ["add", "."], { cwd: folder });
  for (const path of ["src/spillway.db", "src/spillway-secrets.json"]) write(path);
  const bin = freshFolder();
  for (const [name, text] of Object.entries({ npm: NPM, zip: ZIP }))
    writeFileSync(join(bin, name), text, { mode: 0o755 });
  const env = { ...process.env, PATH: [bin, process.env.PATH].join(delimiter) };
  execFileSync("sh", [join(folder, SCRIPT)], { env });
  const packed = join(folder, "deploy/lambda/bridge.zip");
  const paths = readdirSync(packed, { recursive: true, encoding: "utf8" }).toSorted();
  expect(paths).toEqual([
    ...["index.mjs", "node_modules", "node_modules/a", "node_modules/a/index.js"],
    ...["package-lock.json", "package.json", "src", "src/bridge", "src/bridge/a.ts"],
  ]);
  for (const path of paths) {
    const status = statSync(join(packed, path));
    const needed = status.isDirectory() ? 0o555 : 0o444;
    expect(status.mode & needed, path).toBe(needed);
  }
});

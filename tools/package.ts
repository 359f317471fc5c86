import { execFileSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makePackage } from "./release/package.ts";
import { runTool } from "./run-tool.ts";

const USAGE = `node_modules/.bin/node tools/package.ts [--out dist]

Makes the npm package of this clone: the folder to publish, and beside its files the archive that npm makes of it.
Prints the path of the archive.

  --out FOLDER   where; it is emptied first
`;

function readOptions(): { out: string } | "help" | null {
  try {
    const { values } = parseArgs({
      options: { out: { type: "string", default: "dist" }, help: { type: "boolean", default: false } },
    });
    return values.help ? "help" : { out: values.out };
  } catch {
    return null;
  }
}

await runTool(USAGE, readOptions, async ({ out }) => {
  const folder = resolve(out, "package");
  makePackage(folder);
  const archive = execFileSync("npm", ["pack", "--silent", "--pack-destination", resolve(out)], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  process.stdout.write(`${join(out, archive.trim())}\n`);
});

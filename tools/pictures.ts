import { parseArgs } from "node:util";
import { pictures } from "./pictures/story.ts";
import { runTool } from "./run-tool.ts";

const USAGE = `npm run pictures -- [--all]

Makes those pictures of docs/images anew that are older than what they show, by a migration on this machine alone.
It needs Chromium (CHROMIUM_PATH), and util-linux's script.

  --all  every one of them
`;

function readOptions(): { all: boolean } | "help" {
  const { values } = parseArgs({
    options: { all: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  });
  return values.help ? "help" : { all: values.all };
}

await runTool(USAGE, readOptions, pictures);

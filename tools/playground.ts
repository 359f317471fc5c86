import { parseArgs } from "node:util";
import { type PlaygroundOptions, playground } from "./playground/playground.ts";
import { runTool } from "./run-tool.ts";

const USAGE = `npm run playground -- [--users 500] [--pool FILE] [--keep]

Leaves stand-ins of Cognito and WorkOS and a Temporal server up until Ctrl-C, to try everything by hand.

  --users N    how many users the pool has (at least 1)
  --pool FILE  a pool of your own as JSON: {"users": [{"email": "ada@example.com", "password": "Correct-horse-7"}]}
  --keep       leaves the files where they are
`;

function readOptions(): PlaygroundOptions | "help" {
  const { values } = parseArgs({
    options: {
      users: { type: "string", default: "500" },
      pool: { type: "string" },
      keep: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const users = Number(values.users);
  if (!(Number.isInteger(users) && users > 0))
    throw new Error(`--users takes a whole number above 0; it was given ${JSON.stringify(values.users)}.`);
  return { users, poolFile: values.pool ?? null, keep: values.keep };
}

await runTool(USAGE, readOptions, playground);

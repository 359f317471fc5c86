import { parseArgs } from "node:util";
import { type DemoOptions, demo } from "./demo/story.ts";
import { runTool } from "./run-tool.ts";

const USAGE = `npm run demo -- [--users 2000] [--no-crash] [--no-undo] [--keep] [--seed 1]

  --users N    how many users the pool has (at least 1)
  --no-crash   does not kill the worker half-way
  --no-undo    leaves what was migrated at WorkOS
  --keep       leaves the servers up until Ctrl-C
  --seed S     another pool: the same seed makes the same users
`;

function readOptions(): DemoOptions | "help" | null {
  try {
    const { values } = parseArgs({
      options: {
        users: { type: "string", default: "2000" },
        seed: { type: "string", default: "1" },
        "no-crash": { type: "boolean", default: false },
        "no-undo": { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const [users, seed] = [Number(values.users), Number(values.seed)];
    if (values.help) return "help";
    if (!(Number.isInteger(users) && users > 0 && Number.isInteger(seed))) return null;
    return { users, seed, crash: !values["no-crash"], undo: !values["no-undo"], keep: values.keep };
  } catch {
    return null;
  }
}

await runTool(USAGE, readOptions, demo);

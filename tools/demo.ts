import { parseArgs } from "node:util";
import { type DemoOptions, demo } from "./demo/story.ts";

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

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
// Exiting ends every program that the demo started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(process.exitCode ?? INTERRUPTED));

const options = readOptions();
if (options === "help") {
  process.stdout.write(USAGE);
} else if (options === null) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  await demo(options);
}

import { parseArgs } from "node:util";
import { type PlaygroundOptions, playground } from "./playground/playground.ts";

const USAGE = `npm run playground -- [--users 500] [--pool FILE] [--keep]

Leaves stand-ins of Cognito and WorkOS and a Temporal server up until Ctrl-C, to try everything by hand.

  --users N    how many users the pool has (at least 1)
  --pool FILE  a pool of your own as JSON: {"users": [{"username": "ada", "attributes": {"email": "ada@example.com"}}]}
  --keep       leaves the files where they are
`;

function readOptions(): PlaygroundOptions | "help" | null {
  try {
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
    if (!(Number.isInteger(users) && users > 0)) return null;
    return { users, poolFile: values.pool ?? null, keep: values.keep };
  } catch {
    return null;
  }
}

/** What a shell reports for a program that Ctrl-C ended. */
const INTERRUPTED = 130;
// Exiting ends every program that the playground started.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(process.exitCode ?? INTERRUPTED));

const options = readOptions();
if (options === "help") {
  process.stdout.write(USAGE);
} else if (options === null) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else {
  await playground(options);
}

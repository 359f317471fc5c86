import { dirname, join, relative, resolve } from "node:path";
import { VENDORS } from "../destinations/registry.ts";
import type { MigrationFile } from "../domain/migration.ts";
import { shellLine, spillwayWords } from "../domain/shell-line.ts";
import { UsageError } from "../exit.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { choose } from "./choose.ts";
import { askOrganizations } from "./init-organizations.ts";
import { askClients, askProviders } from "./init-placements.ts";
import { askForPool } from "./init-pool.ts";
import { askResets } from "./init-resets.ts";
import { askRoles } from "./init-roles.ts";
import { partsText } from "./init-text.ts";
import { checkNewFile, writeNewFile } from "./new-file.ts";
import { say } from "./say.ts";
import { requiredSettings } from "./setup.ts";

const SCHEMA = join(import.meta.dirname, "../../docs/migration.schema.json");

/** Asks what a migration file needs, and writes it at the end: whoever leaves before has changed nothing. */
export async function init(path: string): Promise<void> {
  if (!(process.stdin.isTTY && process.stdout.isTTY))
    throw new UsageError(
      "init asks at a terminal, and there is none: copy examples/minimal.json, and put your region and pool in.",
    );
  await checkNewFile(path);
  // A wrong address of AWS is told as what it is.
  requiredSettings();
  const columns = columnsOf(process.stdout);
  say(wrapped("Nothing is changed while you are asked. Ctrl-C leaves, and writes nothing.", columns));
  const vendor = await askForDestination();
  const destination = { kind: vendor.kind };
  const { source, known } = await askForPool(destination);
  let file: MigrationFile = { $schema: schemaPathFrom(path), source, destination };
  file = { ...file, ...(await askOrganizations(file, known, vendor)) };
  file = { ...file, ...(await askRoles(file, known, vendor)) };
  file = { ...file, ...(await askProviders(file, known, vendor)) };
  file = { ...file, ...(await askClients(file, known, vendor)) };
  file = { ...file, ...(await askResets(known, vendor)) };
  await writeNewFile(path, `${JSON.stringify(file, null, 2)}\n`);
  const check = shellLine(spillwayWords("check", [], [path]));
  say(`\n${wrapped(`${path} is written:`, columns)}\n${partsText(file, vendor, columns)}`);
  say(`\n${wrapped(COMMENTS, columns)}\n\nNext, to see what a run would find:\n  ${check}`);
}

const COMMENTS =
  "JSON takes no comments: an editor that reads $schema says what each key means, and marks what is wrong. docs/start.md names those that people decide about.";

/** Nobody is asked while there is one. */
async function askForDestination() {
  const [only, ...others] = VENDORS;
  if (only !== undefined && others.length === 0) return only;
  return choose(
    "Where do the users go?",
    VENDORS.map((vendor) => ({ value: vendor, name: vendor.name })),
  );
}

/** As the file at this path names it. */
function schemaPathFrom(path: string): string {
  const schema = relative(dirname(resolve(path)), SCHEMA);
  return schema.startsWith(".") ? schema : `./${schema}`;
}

import type { Migration } from "../domain/migration.ts";
import { UsageError } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { allMigrations } from "../ledger/lookups.ts";
import type { MigrationRow } from "../ledger/runs.ts";
import type { Settings } from "../settings.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";
import { clusterJson, otherAddressJson } from "./decide-json.ts";
import { clusterLines, countText, otherAddressLines, planCommand } from "./decide-text.ts";
import type { Asked } from "./decide-walk.ts";
import { type MigrationFile, readMigrationFile } from "./migration-file.ts";
import { findOpenDecisions, readClusters, readOtherAddresses } from "./open-decisions.ts";
import { say, sayJsonMembers, sayPart } from "./say.ts";
import { openExistingLedger, requiredSettings, withLedger } from "./setup.ts";

interface DecideOptions extends Pick<Choice, "environment"> {
  json?: boolean;
  list?: boolean;
  showAddresses?: boolean;
}

/** Walks through what the newest plan leaves to a person; prints it instead where that is asked for. */
export async function decide(path: string, options: DecideOptions): Promise<void> {
  const isAsking = !options.json && !options.list;
  if (isAsking && !(process.stdin.isTTY && process.stdout.isTTY))
    throw new UsageError(
      "decide asks at a terminal, and there is none: --list prints what waits, --json for machines.",
    );
  if (options.showAddresses && !process.stdout.isTTY)
    throw new UsageError("Addresses are shown at a terminal only: leave --show-addresses out.");
  const file = await readMigrationFile(path);
  const planFirst = planCommand(path);
  const settings = requiredSettings();
  const ledger = await openExistingLedger(settings.ledgerUrl, `${planFirst} makes it first`);
  await withLedger(ledger, async () => {
    const migration = await migrationOf(ledger, file.migration, { ...options, settings }, planFirst);
    const open = await findOpenDecisions(ledger, migration, planFirst);
    const shown = { columns: columnsOf(process.stdout), showAddresses: options.showAddresses ?? false };
    const asked = { ledger, migration, open, shown };
    if (options.json) await printJson(asked, file);
    else if (options.list) await printList(asked, file);
    else await (await import("./decide-walk.ts")).walk(asked, path, file);
  });
}

/** Of the file's pool and kind of destination. */
async function migrationOf(
  ledger: Ledger,
  { source, destination }: Migration,
  { environment, settings }: Pick<DecideOptions, "environment"> & { settings: Settings },
  planFirst: string,
): Promise<MigrationRow> {
  const pool = source.userPoolId;
  const isMeant = (row: MigrationRow) =>
    row.file.source.userPoolId === pool && row.destinationKind === destination.kind;
  if (!(await ledger.read((db) => allMigrations(db))).some(isMeant))
    throw new UsageError(`The ledger knows nothing of the pool ${pool} yet: ${planFirst} reads it first.`);
  return chooseMigration(ledger, { pool, environment }, settings);
}

/** Of each so many are read at once. */
const SLICE = 50;

/** Clusters, then addresses, as they are read. */
async function* readInSlices({ ledger, migration, open }: Asked, { migration: file }: MigrationFile) {
  for (const keys of slicesOf(open.clusters))
    for (const cluster of await ledger.read((db) => readClusters(db, migration, keys, file.users)))
      yield { cluster };
  for (const subs of slicesOf(open.otherAddresses))
    for (const person of await ledger.read((db) => readOtherAddresses(db, migration, subs, file.users)))
      yield { person };
}

function* slicesOf<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += SLICE) yield all.slice(from, from + SLICE);
}

async function printJson(asked: Asked, file: MigrationFile): Promise<void> {
  const { migration } = asked;
  const head = { pool: migration.file.source.userPoolId, environment: migration.environment };
  await sayPart(`${JSON.stringify(head).slice(0, -1)},\n"open":[`);
  await sayJsonMembers(asJson(asked, file));
  await sayPart("\n]}\n");
}

async function* asJson(asked: Asked, file: MigrationFile): AsyncGenerator<object> {
  const { shown } = asked;
  for await (const one of readInSlices(asked, file))
    yield one.cluster === undefined ? otherAddressJson(one.person, shown) : clusterJson(one.cluster, shown);
}

async function printList(asked: Asked, file: MigrationFile): Promise<void> {
  const { open, shown } = asked;
  say(wrapped(countText(open), shown.columns));
  for await (const one of readInSlices(asked, file))
    say(
      `\n${one.cluster === undefined ? otherAddressLines(one.person, shown) : clusterLines(one.cluster, shown)}`,
    );
}

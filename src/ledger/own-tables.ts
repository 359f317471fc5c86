import { LedgerError } from "./errors.ts";

/** A database may be another program's as well: what is the ledger's in it, and what stands in its way. */

/** Kysely's two tables under names of ours: the other program may use Kysely, too. */
export const MIGRATION_TABLE = "spillway_migration";
export const MIGRATION_LOCK_TABLE = "spillway_migration_lock";

type Row = Readonly<Record<string, unknown>>;
/** Asks the database, over whatever connection there is. */
export type Ask = (statement: string, parameters: readonly unknown[]) => Promise<readonly Row[]>;

interface OwnSchema {
  schema: string;
  isMade: boolean;
}

/** One statement, so that a ledger that is just being made is seen with its first table or not at all. */
const POSTGRES_NAMES = `
  with own as (select oid from pg_namespace where nspname = current_schema())
  select relname::text as name,
    case when relkind in ('r', 'p', 'f') then 'table' when relkind in ('v', 'm') then 'view'
      when relkind in ('i', 'I') then 'index' when relkind = 'S' then 'sequence' else 'type' end as kind
  from pg_class where relnamespace = (select oid from own) and relname = any($1)
  union all
  select typname::text, 'type' from pg_type
  where typnamespace = (select oid from own) and typrelid = 0 and typname = any($1)`;
const SQLITE_NAMES = "select name, type as kind from sqlite_master where name not glob 'sqlite_*'";

/**
 * The schema that the ledger is in, or will be, and whether it is there. Throws LedgerError where there is none, or where something else has one
 * of the names that the ledger would take.
 */
export async function ownPostgresSchema(ask: Ask, names: readonly string[]): Promise<OwnSchema> {
  const [row] = await ask("select current_schema() as schema", []);
  const schema = row?.schema;
  if (typeof schema !== "string")
    throw new LedgerError(
      "ledger_not_writable",
      "The ledger's PostgreSQL has no schema to work in: make the one that its search_path names, or check SPILLWAY_LEDGER.",
    );
  const taken = await ask(POSTGRES_NAMES, [[...names, MIGRATION_TABLE]]);
  const isMade = taken.some(isMigrationTable);
  const [foreign] = taken;
  if (foreign === undefined || isMade) return { schema, isMade };
  throw new LedgerError(
    "ledger_broken",
    `The ledger's PostgreSQL holds the ${foreign.kind} "${foreign.name}" in its schema "${schema}", which is not Spillway's; name a database of its own in SPILLWAY_LEDGER, or a schema of its own behind it: ?options=-csearch_path%3DSCHEMA.`,
  );
}

/**
 * Whether the file holds a ledger, and nothing if not. Throws LedgerError where it is somebody else's, whatever its
 * tables are called: programs share no such file.
 */
export async function holdsLedger(ask: Ask, names: readonly string[]): Promise<boolean> {
  const found = await ask(SQLITE_NAMES, []);
  const isMade = found.some(isMigrationTable);
  const foreign = found.find(({ name }) => names.includes(String(name))) ?? found[0];
  if (foreign === undefined || isMade) return isMade;
  throw new LedgerError(
    "ledger_broken",
    `The ledger's file holds the ${foreign.kind} "${foreign.name}" and is not Spillway's; name another file in SPILLWAY_LEDGER.`,
  );
}

function isMigrationTable({ name, kind }: Row): boolean {
  return name === MIGRATION_TABLE && kind === "table";
}

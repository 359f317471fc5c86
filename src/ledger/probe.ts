import { existsSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { LedgerError, translateLedgerError } from "./errors.ts";
import { closeToOthers } from "./file-modes.ts";
import { SCHEMA_CHANGES } from "./migrations.ts";
import { sqliteFile } from "./sqlite.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 5_000;

/**
 * Whether a ledger can be written, or made where there is none yet; nothing of it stays. The sentence says what is
 * wrong and what to do.
 */
export async function probeLedger(url: string): Promise<{ ok: true } | { ok: false; sentence: string }> {
  try {
    if (/^postgres(ql)?:\/\//.test(url)) await probePostgres(url);
    else await probeSqlite(sqliteFile(url.replace(/^sqlite:/, "")));
    return { ok: true };
  } catch (error) {
    const translated = translateLedgerError(error);
    if (!(translated instanceof LedgerError)) throw translated;
    // Whoever locks it is at work there.
    return translated.problem === "ledger_busy" ? { ok: true } : { ok: false, sentence: translated.message };
  }
}

async function probeSqlite(path: string): Promise<void> {
  if (!existsSync(path)) return probeFolder(`${path}.probe-${process.pid}`);
  closeToOthers(path);
  const db = new DatabaseSync(path);
  try {
    db.exec("begin immediate");
    const hasChanges = db.prepare("select 1 from sqlite_master where name = 'kysely_migration'").get();
    if (hasChanges !== undefined)
      refuseNewer(
        db
          .prepare("select name from kysely_migration")
          .all()
          .map(({ name }) => String(name)),
      );
    db.exec("rollback");
  } finally {
    db.close();
  }
}

async function probeFolder(path: string): Promise<void> {
  await (await open(path, "wx", 0o600)).close();
  await rm(path);
}

async function probePostgres(url: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("begin");
    const { rows } = await client.query<{ name: string }>(
      "select to_regclass('kysely_migration')::text as name where to_regclass('kysely_migration') is not null",
    );
    if (rows.length === 0) await client.query("create table spillway_probe (id integer)");
    else {
      const changes = await client.query<{ name: string }>("select name from kysely_migration");
      refuseNewer(changes.rows.map(({ name }) => name));
      // Only whether it is allowed is asked: no row is locked.
      await client.query("delete from findings where false");
    }
    await client.query("rollback");
  } finally {
    await client.end().catch(() => undefined);
  }
}

function refuseNewer(names: readonly string[]): void {
  if (names.every((name) => Object.hasOwn(SCHEMA_CHANGES, name))) return;
  throw new LedgerError("ledger_newer", "The ledger was made by a newer Spillway; use that version.");
}

import { statSync } from "node:fs";
import { sql } from "kysely";
import { isPostgres } from "./dialect.ts";
import type { Db } from "./ledger.ts";

/**
 * Another word where another server, database or file has taken the ledger's place, as in a fail-over or a restore: it may
 * know less than the one before. A server that merely began anew has another one as well, and so has a database whose
 * tables were put back in place. What is written over a file of SQLite in place nothing tells.
 */
export async function ledgerIncarnation(db: Db): Promise<string> {
  if (isPostgres(db)) {
    const { rows } = await sql<{ began: string; id: string; mails: string }>`
      select cast(extract(epoch from pg_postmaster_start_time()) as text) as began, cast(oid as text) as id,
        cast(pg_relation_filenode('mails') as text) as mails
      from pg_database where datname = current_database()`.execute(db);
    return rows.map(({ began, id, mails }) => `${id} since ${began}, mails in ${mails}`).join();
  }
  const { rows } = await sql<{
    file: string;
  }>`select file from pragma_database_list where name = 'main'`.execute(db);
  return rows.map(({ file }) => fileIdOf(file)).join();
}

/** A new file may have the number of one that is gone. Empty for a ledger in memory. */
function fileIdOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return "";
  // A file system that does not know when a file was made says when it was changed.
  const isKnown = found.birthtimeMs !== found.ctimeMs;
  return `${found.ino}${isKnown ? ` since ${found.birthtime.toISOString()}` : ""}`;
}

import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { Ledger } from "./ledger.ts";

const MAX_TRIES = 100;
const RETRY_MS = 100;

/**
 * What was deleted from a SQLite file stays in it, and in the log beside it, until other rows are written over it: this
 * writes the file anew, and empties the log. It takes as long as it takes, in which nobody else writes. False where the log
 * cannot be emptied, because another process is reading all the time. PostgreSQL has nothing like it that others could
 * work beside.
 */
export async function rewriteFile(ledger: Ledger): Promise<boolean> {
  if (ledger.kind !== "sqlite") return true;
  await ledger.change((db) => sql`vacuum`.execute(db));
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const { rows } = await ledger.change((db) =>
      sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db),
    );
    if (rows[0]?.busy === 0) return true;
    await sleep(RETRY_MS);
  }
  return false;
}

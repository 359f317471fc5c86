import type { Ledger } from "../ledger/ledger.ts";
import { allMigrations } from "../ledger/lookups.ts";
import { countStanding } from "../ledger/placed.ts";
import { type DayOfMoves, daysOfMoves } from "../report/moved-by-bridge.ts";
import type { Settings } from "../settings.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";

/** What the bridge has moved so far. */
export interface Moved {
  pool: string;
  environment: string;
  imported: number;
  days: DayOfMoves[];
}

/** Null where the ledger knows no migration, and none is asked for. */
export async function readMoved(
  ledger: Ledger,
  choice: Choice,
  settings: Settings,
  isChosen: boolean,
): Promise<Moved | null> {
  if (!isChosen && (await ledger.read((db) => allMigrations(db))).length === 0) return null;
  const { id, file, environment } = await chooseMigration(ledger, choice, settings);
  const days = await daysOfMoves(ledger, id);
  const imported = await countStanding(ledger, id, "user");
  return { pool: file.source.userPoolId, environment, imported, days };
}

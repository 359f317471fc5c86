import { movedPerDay } from "../ledger/bridge.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { allMigrations } from "../ledger/lookups.ts";
import { countStanding } from "../ledger/placed.ts";
import { type Choice, chooseMigration } from "./choose-migration.ts";

const DAY_MS = 86_400_000;

/** What the bridge has moved so far. */
export interface Moved {
  pool: string;
  environment: string;
  imported: number;
  /** Days on which it moved somebody, in UTC; `day` counts from the first of them. */
  days: { day: number; date: string; people: number; total: number }[];
}

/** Null where the ledger knows no migration, and none is asked for. */
export async function readMoved(ledger: Ledger, choice: Choice, isChosen: boolean): Promise<Moved | null> {
  if (!isChosen && (await ledger.read((db) => allMigrations(db))).length === 0) return null;
  const { id, file, environment } = await chooseMigration(ledger, choice);
  const days = await movedPerDay(ledger, id);
  const done = await countStanding(ledger, id, "user");
  const first = days[0]?.day ?? 0;
  let total = 0;
  return {
    pool: file.source.userPoolId,
    environment,
    imported: done,
    days: days.map(({ day, people }) => {
      total += people;
      const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
      return { day: day - first + 1, date, people, total };
    }),
  };
}

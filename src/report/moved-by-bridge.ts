import { movedPerDay } from "../ledger/bridge.ts";
import type { Ledger } from "../ledger/ledger.ts";

const DAY_MS = 86_400_000;

/** A day on which the bridge moved somebody, in UTC. */
export interface DayOfMoves {
  /** Counts from the first of them. */
  day: number;
  date: string;
  people: number;
  /** Up to its end. */
  total: number;
}

/** What the bridge has moved so far, earliest first. */
export async function daysOfMoves(ledger: Ledger, migrationId: number): Promise<DayOfMoves[]> {
  const days = await movedPerDay(ledger, migrationId);
  const first = days[0]?.day ?? 0;
  let total = 0;
  return days.map(({ day, people }) => {
    total += people;
    const date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    return { day: day - first + 1, date, people, total };
  });
}

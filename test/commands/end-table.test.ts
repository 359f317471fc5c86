import { expect, test } from "vitest";
import { endTable } from "../../src/commands/end-table.ts";

const counts = (done: number, failed = 0, skipped = 0) => ({
  done,
  failed,
  skipped,
  of: done + failed + skipped,
});

test("each phase has its counts, its time and its rate, and all of them the time from first to last", () => {
  const text = endTable(
    ["credentials", "snapshot", "users", "verify"],
    { credentials: counts(3, 0, 4), snapshot: counts(12_000), users: counts(11_900, 5, 95) },
    {
      credentials: { fromMs: 0, toMs: 60_000 },
      snapshot: { fromMs: 60_000, toMs: 80_000 },
      users: { fromMs: 80_000, toMs: 380_000 },
      verify: { fromMs: 380_000, toMs: 390_400 },
    },
  );
  expect(text.split("\n")).toEqual([
    "phase          done  failed  skipped   time  a second",
    "credentials       3       0        4   60 s",
    "snapshot     12,000       0        0   20 s",
    "users        11,900       5       95  5 min      40.0",
    "verify                                 11 s",
    "in all                                7 min",
  ]);
});

test("of a run that tells no times the counts are shown, and of one that is not known, nothing", () => {
  const text = endTable(["users", "verify"], { users: counts(3) });
  expect(text.split("\n")).toEqual([
    "phase  done  failed  skipped  time  a second",
    "users     3       0        0",
  ]);
  expect(endTable(["users"], {})).toBe("");
});

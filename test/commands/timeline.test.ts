import { join } from "node:path";
import { expect, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.ts";
import { ownedMigration, POOL_ID, person, seedPeople } from "../report/pools.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";
import { expectRefusal } from "./refusal.ts";

function timeline(folder: string, ...words: string[]) {
  return runCli(["timeline", ...words], folder);
}

test("tells what will have moved by each day, and when most have", async () => {
  const { code, stdout, stderr } = await timeline(freshFolder(), "--per-day", "0.2", "--days", "10");
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toMatch(/^With 20 % of the people signing in on a day,/);
  expect(stdout).toMatch(/^ {4}1 {2}20\.0 %$/m);
  expect(stdout).toMatch(/^ {3}10 {2}89\.3 %$/m);
  expect(stdout.trimEnd()).toMatch(/50 % on day 4, 90 % on day 11, 99 % on day 21\.$/);
});

test.each([
  { perDay: "1", days: [1, 1, 1] },
  { perDay: ".5", days: [1, 4, 7] },
  { perDay: "0.9", days: [1, 1, 2] },
  { perDay: "0.0001", days: [6_932, 23_025, 46_050] },
])("a share of $perDay a day reaches 50, 90 and 99 % on $days", async ({ perDay, days }) => {
  const { stdout } = await timeline(freshFolder(), "--per-day", perDay, "--days", "2", "--json");
  const { reached, bridge } = JSON.parse(stdout);
  expect(reached).toEqual([50, 90, 99].map((percent, index) => ({ percent, day: days[index] })));
  expect(bridge).toBeNull();
});

test.each([
  { words: ["--per-day", "0", "--days", "30"], sentence: /--per-day must be over 0 and at most 1/ },
  { words: ["--per-day", "20", "--days", "30"], sentence: /--per-day must be over 0 and at most 1/ },
  { words: ["--per-day", "1e-1", "--days", "30"], sentence: /--per-day must be over 0/ },
  { words: ["--per-day", "0.2", "--days", "0"], sentence: /--days must be a whole number from 1 to 3,650/ },
  { words: ["--per-day", "0.2", "--days", "1.5"], sentence: /--days must be a whole number/ },
  { words: ["--per-day", "0.2", "--days", "9999"], sentence: /--days must be a whole number/ },
  { words: ["--per-day", "0.2"], sentence: /'--days <days>' not specified/ },
  { words: ["--per-day", "0.2", "--days", "1", "--pool", POOL_ID], sentence: /There is no ledger at/ },
])("refuses $words in one sentence", async ({ words, sentence }) => {
  expectRefusal(await timeline(freshFolder(), ...words), sentence);
});

test("shows what the bridge has moved, day by day", async () => {
  const folder = freshFolder();
  const ledger = await openLedger(`sqlite:${join(folder, "spillway.db")}`);
  const words = ["--per-day", "0.2", "--days", "1"];
  expect((await timeline(folder, ...words)).stdout).not.toContain("imported");
  const migration = await ownedMigration(ledger);
  const subs = ["a", "b", "c", "d", "e"];
  await seedPeople(ledger, migration, { imported: subs.map((sub) => person(sub)) });
  expect((await timeline(folder, ...words)).stdout).toMatch(/the bridge\shas\smoved\s0\.\n$/);
  const movedAt = ["2026-11-01T00:00:00Z", "2026-11-01T23:59:59Z", "2026-11-03T12:00:00Z", null];
  await ledger.write((tx) =>
    tx
      .insertInto("bridge_moves")
      .values(
        movedAt.map((at, index) => ({
          migration_id: migration.id,
          sub: subs[index] ?? "",
          begun_at_ms: 1,
          moved_at_ms: at === null ? null : Date.parse(at),
        })),
      )
      .execute(),
  );
  await ledger.close();
  const { stdout, code } = await timeline(folder, ...words, "--pool", POOL_ID);
  expect(code).toBe(0);
  expect(stdout).toContain(`Of 5 people imported from ${POOL_ID} to`);
  expect(stdout).toMatch(
    /^ {2} +1 {2}2026-11-01 {2} +2 {2} +2 {2}40\.0 %\n {2} +3 {2}2026-11-03 {2} +1 {2} +3 {2}60\.0 %$/m,
  );
  const { bridge } = JSON.parse((await timeline(folder, ...words, "--json")).stdout);
  expect(bridge).toMatchObject({
    imported: 5,
    days: [
      { day: 1, date: "2026-11-01", people: 2, total: 2 },
      { day: 3, date: "2026-11-03", people: 1, total: 3 },
    ],
  });
});

test("a pool that the ledger does not know is refused", async () => {
  const folder = freshFolder();
  const ledger = await openLedger(`sqlite:${join(folder, "spillway.db")}`);
  await ownedMigration(ledger);
  await ledger.close();
  const refused = await timeline(folder, "--per-day", "0.2", "--days", "1", "--pool", "eu-west-1_Other");
  expectRefusal(refused, /The ledger knows no such migration/);
});

import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { setPace } from "../../src/ledger/pace.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { freshPostgres, freshSqlite, seedItems, testOnBoth } from "./ledgers.ts";
import type { Task } from "./other-process.ts";

interface Answer {
  id: string;
  result: number[];
}

/** Starts `count` programs, lets all of them go at the same moment and returns what they answer. */
async function runTogether(url: string, task: Task, count: number): Promise<Answer[]> {
  const children = Array.from({ length: count }, () =>
    fork(join(import.meta.dirname, "other-process.ts"), [url, task], { execArgv: [] }),
  );
  await Promise.all(children.map((child) => once(child, "message")));
  return Promise.all(
    children.map(async (child) => {
      const answered = once(child, "message");
      const ended = once(child, "exit");
      child.send("go");
      const first = await Promise.race([answered, ended.then(() => [])]);
      expect(await ended).toEqual([0, null]);
      // The other program sends nothing else.
      return first[0] as Answer;
    }),
  );
}

testOnBoth("programs opening a new ledger agree on its id", async ({ url }) => {
  const answers = await runTogether(url, "open", 3);
  expect(new Set(answers.map((answer) => answer.id)).size).toBe(1);
});

testOnBoth("two programs never get the same item", async ({ url, open }) => {
  const ledger = await open();
  await seedItems(ledger, 200);
  const answers = await runTogether(url, "drain", 2);
  const ordinals = answers.flatMap((answer) => answer.result).sort((a, b) => a - b);
  expect(ordinals).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
  expect(await ledger.read((db) => phaseCounts(db, { migrationId: 1, generation: 1 }, "users"))).toEqual({
    pending: 0,
    done: 200,
    failed: 0,
    skipped: 0,
  });
});

testOnBoth("two programs share one pace", async ({ url, open }) => {
  const ledger = await open();
  // One slot each 10 s: only the first asker gets one, whoever that is.
  await ledger.write((tx) => setPace(tx, "writes", 0.1));
  const answers = await runTogether(url, "reserve", 2);
  const granted = answers.flatMap((answer) => answer.result).reduce((sum, n) => sum + n, 0);
  expect(granted).toBe(1);
});

test("a fresh ledger of each kind differs", async () => {
  const [one, other] = [await freshSqlite().open(), await (await freshPostgres()).open()];
  expect(one.id).not.toBe(other.id);
});

import fc from "fast-check";
import { test } from "vitest";
import { AT_COGNITO, AT_WORKOS, IN_FILE } from "./histories/changes.ts";
import { Play } from "./histories/play.ts";

/**
 * What happens to a small pool, its accounts and its file, at random, and runs of every kind in between: what stands at
 * WorkOS after each is what a small model of the documents says, and nothing else was written on the way.
 */

const HISTORIES = Number(process.env.SPILLWAY_HISTORIES ?? 30);
const HISTORY_MS = 180_000;
/** Of the first one; a failed one is played again by its own, with SPILLWAY_HISTORIES=1. */
const SEED = Number(process.env.SPILLWAY_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** Looks for the shortest history that fails in the same way; takes minutes. */
const SHRINKS = process.env.SPILLWAY_SHRINK === "1";

const MOST_PEOPLE = 17;
/** Some live more than others: what happens to one person twice is what is hard. */
const who = fc.oneof(
  { weight: 2, arbitrary: fc.nat({ max: 4 }) },
  { weight: 1, arbitrary: fc.nat({ max: MOST_PEOPLE }) },
);

const changeOf = <T extends string>(...what: readonly T[]) =>
  fc.record({ what: fc.constantFrom(...what), who, to: fc.nat({ max: 3 }) });
const change = fc.oneof(
  { weight: 5, arbitrary: changeOf(...AT_COGNITO) },
  { weight: 2, arbitrary: changeOf("disabled or enabled", "deleted", "deleted and signed up again") },
  { weight: 3, arbitrary: changeOf(...AT_WORKOS) },
  { weight: 2, arbitrary: changeOf(...IN_FILE) },
);
/** Writes. */
const after = fc.integer({ min: 1, max: 40 });
const trouble = fc.oneof(
  { weight: 20, arbitrary: fc.constant(null) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant("cancel" as const), after }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constantFrom("kill" as const, "kill and cancel" as const), after }),
  },
);
const run = <T extends string>(kind: T, weight: number) => ({ weight, arbitrary: fc.constant(kind) });
const round = fc.record({
  changes: fc.array(change, { maxLength: 8 }),
  run: fc.oneof(run("full", 4), run("pilot", 3), run("dry run", 1), run("mails", 2), run("undo", 2)),
  only: fc.array(who, { minLength: 1, maxLength: 8 }),
  isOfChanged: fc.boolean(),
  trouble,
});
const history = fc.record({
  file: fc.record({
    disabledLater: fc.constantFrom("report", "removeMemberships", "delete", "delete"),
    deletedLater: fc.constantFrom("report", "delete", "delete"),
    onExisting: fc.constantFrom("skip", "adopt"),
  }),
  /** Whose address somebody has at WorkOS already. */
  there: fc.array(who, { maxLength: 3 }),
  rounds: fc.array(round, { minLength: 2, maxLength: 5 }),
});

test.each(Array.from({ length: HISTORIES }, (_, index) => SEED + index))(
  "after each run stands what the documents say, and nothing else was written: history %i",
  { timeout: SHRINKS ? 20 * HISTORY_MS : HISTORY_MS },
  async (seed) => {
    await fc.assert(
      fc.asyncProperty(history, async ({ file, there, rounds }) => {
        const isKilled = rounds.some(({ trouble }) => trouble?.does.startsWith("kill"));
        const play = await Play.begin(isKilled, file, there);
        for (const one of rounds) await play.round(one);
        await play.end();
      }),
      { seed, numRuns: 1, endOnFailure: !SHRINKS },
    );
  },
);

import { ApplicationFailure } from "@temporalio/activity";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { type FailedAttempt, toCode } from "../../src/activities/failures.ts";
import type { Blocked } from "../../src/domain/contract.ts";
import { type LedgerProblem, ledgerError } from "../../src/ledger/errors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { testOnBoth } from "../ledger/ledgers.ts";

const RUN = {
  ledgerId: "l",
  destinationKind: "workos" as const,
  environment: "e",
  migrationId: 1,
  generation: 1,
  firstRunId: "run",
};

function attempt(number = 1): FailedAttempt {
  return {
    info: { activityType: "plan", attempt: number },
    cancellationSignal: new AbortController().signal,
  };
}

/** A ledger that can keep nothing. */
function failing(error: unknown): Pick<Ledger, "write"> & { writes: number } {
  return {
    writes: 0,
    write() {
      this.writes += 1;
      return Promise.reject(error);
    },
  };
}

function depsOf(ledger: Pick<Ledger, "write">) {
  return { ledger, identity: "1@host" };
}

/** The code that the run parks with, or that the attempt is tried again with, and what people read. */
async function endOf(ended: Promise<Blocked>): Promise<{ parks?: string; retries?: string; text: string }> {
  try {
    const { code, sentence } = await ended;
    return { parks: code, text: sentence };
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.nonRetryable) throw error;
    return { retries: error.type ?? "", text: error.message };
  }
}

const PARKING: LedgerProblem[] = [
  "ledger_broken",
  "ledger_newer",
  "ledger_full",
  "ledger_not_writable",
  "ledger_unsuitable",
];

test.each(PARKING)("%s parks at once, with a sentence, and writes nothing", async (problem) => {
  const ledger = failing(ledgerError(problem));
  const { parks, text } = await endOf(toCode(depsOf(ledger), attempt(), RUN, ledgerError(problem)));
  expect(parks).toBe(problem);
  expect(text).toMatch(/^The ledger[^\n]+\.$/);
  expect(ledger.writes).toBe(0);
});

const WAITED_FOR: LedgerProblem[] = ["ledger_busy", "ledger_unreachable", "ledger_ended", "ledger_stuck"];

test.each(WAITED_FOR)("%s is tried again as long as it lasts, with a sentence", async (problem) => {
  const ledger = failing(ledgerError(problem));
  const { retries, text } = await endOf(toCode(depsOf(ledger), attempt(1_000), RUN, ledgerError(problem)));
  expect(retries).toBe(problem);
  expect(text).toMatch(/^The ledger[^\n]+\.$/);
  expect(ledger.writes).toBe(0);
});

testOnBoth("a ledger that is slow five times parks", async ({ open }) => {
  const ledger = await open();
  const slow = () =>
    endOf(toCode(depsOf(ledger), attempt(), RUN, ledgerError("ledger_slow", new Error("57014"))));
  for (let time = 1; time <= 4; time += 1) expect((await slow()).retries).toBe("ledger_slow");
  expect((await slow()).parks).toBe("ledger_slow");
  const kept = await ledger.read((db) =>
    sql<{ detail: string }>`select detail from activity_failures`.execute(db),
  );
  expect(kept.rows[0]?.detail).toContain("57014");
});

testOnBoth("what nobody expected parks when it came five times", async ({ open }) => {
  const ledger = await open();
  const error = new Error("nobody@example.com");
  const fail = () => endOf(toCode(depsOf(ledger), attempt(), RUN, error));
  for (let time = 1; time <= 4; time += 1)
    expect(await fail()).toEqual({ retries: "unexpected", text: "unexpected" });
  const { parks, text } = await fail();
  expect(parks).toBe("unexpected_failure");
  expect(text).not.toContain("nobody@");
});

test("a ledger that is damaged parks whatever it was to keep", async () => {
  const ended = toCode(depsOf(failing(ledgerError("ledger_broken"))), attempt(), RUN, new Error("no"));
  expect((await endOf(ended)).parks).toBe("ledger_broken");
});

test("a ledger out of reach is waited for whatever it was to keep", async () => {
  const ended = toCode(depsOf(failing(ledgerError("ledger_unreachable"))), attempt(99), RUN, new Error("no"));
  expect((await endOf(ended)).retries).toBe("ledger_unreachable");
});

test.each([
  [new Error("no such table"), new Error("no"), "unexpected_failure"],
  [ledgerError("ledger_slow"), ledgerError("ledger_slow"), "ledger_slow"],
])("a failure that the ledger cannot keep parks all the same", async (refusal, error, parks) => {
  expect((await endOf(toCode(depsOf(failing(refusal)), attempt(4), RUN, error))).retries).toBeDefined();
  expect((await endOf(toCode(depsOf(failing(refusal)), attempt(5), RUN, error))).parks).toBe(parks);
});

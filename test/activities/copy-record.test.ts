import { expect, onTestFinished } from "vitest";
import { copyRecord } from "../../src/activities/resets/copy-record.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { SentMail } from "../../src/destinations/resets.ts";
import type { RunRef } from "../../src/domain/contract.ts";
import { Pulse } from "../../src/engine/heartbeat.ts";
import { Pacer } from "../../src/engine/pacer.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { beginMailRecord } from "../../src/ledger/mail-record.ts";
import { campaignMails } from "../../src/ledger/mails.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { setFastPace } from "../engine/batch/attempt.ts";
import { subOf, testOnBoth } from "../ledger/ledgers.ts";
import { ownedRun } from "./owned-run.ts";

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const FILE = migrationOf({ source: SOURCE, destination: { kind: "workos" } });
const IDENTITY = { poolId: SOURCE.userPoolId, destinationKind: "many", environment: "env" };
const MINUTE_MS = 60_000;
/** One page holds this many. */
const PAGE = 2;

/** A destination with this record of mails; `asked` is since when it was read each time. */
function destinationWith(mails: readonly SentMail[]): { destination: Destination; asked: number[] } {
  const asked: number[] = [];
  const { facts, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const destination: Destination = {
    ...rest,
    kind: "many",
    environment: "env",
    facts: {
      ...facts,
      resets: { ...facts.resets, record: { lagMs: MINUTE_MS, keptMs: 30 * 24 * 60 * MINUTE_MS } },
    },
    resets: {
      ...rest.resets,
      async sentSince(sinceMs, cursor) {
        if (cursor === null) asked.push(sinceMs);
        const from = Number(cursor ?? 0);
        const since = mails.filter(({ atMs }) => atMs >= sinceMs);
        const nextCursor = since.length > from + PAGE ? String(from + PAGE) : null;
        return { ok: true, value: { mails: since.slice(from, from + PAGE), nextCursor } };
      },
    },
  };
  return { destination, asked };
}

/** The next run of the migration; the first one begins the record. */
async function nextRun(ledger: Ledger, firstRunId: string): Promise<RunRef> {
  const run = await ownedRun(ledger, IDENTITY, FILE, firstRunId);
  if (run.generation === 1) await ledger.write((tx) => beginMailRecord(tx, run.migrationId));
  return run;
}

/** Found at the destination, with a mail in the queue. */
async function place(ledger: Ledger, run: RunRef, sub: string, lastOrdinal = 0): Promise<void> {
  await ledger.write(async (tx) => {
    const fact = {
      destinationId: `user_${sub}`,
      how: "already_there",
      fingerprint: null,
      details: null,
    } as const;
    await noteStanding(tx, run.migrationId, [{ ...fact, kind: "user", key: sub, firstClaimedAtMs: 1 }]);
    await addItems(tx, run, "resets", lastOrdinal, [
      { kind: "user", key: sub, intent: "mail", doubtSinceMs: null },
    ]);
  });
}

function pulse(): Pulse {
  const info = { currentAttemptScheduledTimestampMs: 1 };
  const made = new Pulse({ info, cancellationSignal: new AbortController().signal, heartbeat: () => {} });
  onTestFinished(() => made.stop());
  return made;
}

testOnBoth(
  "where people are mailed whom the ledger did not make, all of the record counts",
  async ({ open }) => {
    const ledger = await open();
    await setFastPace(ledger);
    // Mailed from a ledger that is lost, long before this one began.
    const days = (count: number) => Date.now() - count * 24 * 60 * MINUTE_MS;
    const record = [
      { userId: `user_${subOf(1)}`, resetId: "reset_1", atMs: days(20) },
      { userId: "a stranger", resetId: "reset_2", atMs: days(10) },
      { userId: `user_${subOf(2)}`, resetId: "reset_3", atMs: days(5) },
    ];
    const { destination, asked } = destinationWith(record);
    const deps = { ledger, pacer: new Pacer(ledger), destinationOf: () => destination };
    const run = await nextRun(ledger, "first");
    for (const one of [1, 2]) await place(ledger, run, subOf(one), one - 1);
    const file = { ...FILE, passwordResets: { ...FILE.passwordResets, alreadyThere: "send" as const } };
    for (let batch = 0; batch < 2; batch += 1) expect(await copyRecord(deps, run, file, pulse())).toBeNull();

    const mails = await ledger.read((db) => campaignMails(db, run.migrationId, [subOf(1), subOf(2)]));
    expect([...mails.values()].map(({ state }) => state)).toEqual(["mailed", "mailed"]);
    // Read on from where it stands, although the migration began later than that.
    expect(asked[0]).toBeLessThan(days(29));
    expect(asked[1]).toBeGreaterThan(days(6));
    expect(asked[1]).toBeLessThan(days(5));
  },
);

testOnBoth(
  "whom a pilot on a restored ledger did not place is not mailed a second time by a later run",
  async ({ open }) => {
    const ledger = await open();
    await setFastPace(ledger);
    const [pilots, later] = [subOf(1), subOf(2)];
    const beganAtMs = Date.now();
    const mailed = (sub: string, minutes: number): SentMail => ({
      userId: `user_${sub}`,
      resetId: `reset_${sub}`,
      atMs: beganAtMs + minutes * MINUTE_MS,
    });
    // What the campaign did before its ledger was restored to where nobody had an account yet.
    const record = [mailed(later, 10), mailed("a stranger", 20), mailed(pilots, 60)];
    const { destination, asked } = destinationWith(record);
    const deps = { ledger, pacer: new Pacer(ledger), destinationOf: () => destination };

    const pilot = await nextRun(ledger, "pilot");
    await place(ledger, pilot, pilots);
    expect(await copyRecord(deps, pilot, FILE, pulse())).toBeNull();
    const whole = await nextRun(ledger, "whole");
    await place(ledger, whole, later);
    for (let batch = 0; batch < 3; batch += 1)
      expect(await copyRecord(deps, whole, FILE, pulse())).toBeNull();

    const mails = await ledger.read((db) => campaignMails(db, whole.migrationId, [pilots, later]));
    expect([...mails.values()].map(({ sub, state }) => [sub, state])).toEqual([
      [pilots, "mailed"],
      [later, "mailed"],
    ]);
    const counts = await ledger.read((db) => phaseCounts(db, whole, "resets"));
    expect(counts).toEqual({ pending: 0, done: 1, failed: 0, skipped: 0 });
    // Within a run it is read on from what had shown when the last copy began.
    const [first = 0, second = 0, , last = 0] = asked;
    expect(second).toBe(first);
    expect(last).toBeGreaterThan(second + 50 * MINUTE_MS);
  },
);

testOnBoth("a mail that shows while a slow copy is under way is copied by the next one", async ({ open }) => {
  const ledger = await open();
  await setFastPace(ledger);
  const startedAtMs = Date.now();
  const at = (minutes: number) => startedAtMs + minutes * MINUTE_MS;
  const others = Array.from({ length: 10 }, (_, index) => ({
    userId: "a stranger",
    resetId: `other_${index}`,
    atMs: at(index + 1),
  }));
  const record = [...others];
  const { destination } = destinationWith(record);
  const sentSince: Destination["resets"]["sentSince"] = async (sinceMs, cursor) => {
    const page = await destination.resets.sentSince(sinceMs, cursor);
    // Behind the page that the copy has come to.
    const late = { userId: `user_${subOf(1)}`, resetId: "late", atMs: at(0) };
    if (cursor === "4" && record.length === others.length) record.unshift(late);
    return page;
  };
  const slow = { ...destination, resets: { ...destination.resets, sentSince } };
  const deps = { ledger, pacer: new Pacer(ledger), destinationOf: () => slow };
  const run = await nextRun(ledger, "first");
  await place(ledger, run, subOf(1));
  for (let batch = 0; batch < 2; batch += 1) expect(await copyRecord(deps, run, FILE, pulse())).toBeNull();
  const mails = await ledger.read((db) => campaignMails(db, run.migrationId, [subOf(1)]));
  expect(mails.get(subOf(1))?.state).toBe("mailed");
});

testOnBoth("a record whose pages lead back to one another is not read for ever", async ({ open }) => {
  const ledger = await open();
  await setFastPace(ledger);
  const known = destinationWith([]).destination;
  let pages = 0;
  const resets: Destination["resets"] = {
    ...known.resets,
    async sentSince(_, cursor) {
      pages += 1;
      return { ok: true, value: { mails: [], nextCursor: cursor === "A" ? "B" : "A" } };
    },
  };
  const destination = { ...known, resets };
  const deps = { ledger, pacer: new Pacer(ledger), destinationOf: () => destination };
  const run = await nextRun(ledger, "first");
  expect(await copyRecord(deps, run, FILE, pulse())).toMatchObject({
    status: "blocked",
    code: "listing_refused",
    sentence: expect.stringContaining("its pages lead back"),
  });
  expect(pages).toBe(3);
});

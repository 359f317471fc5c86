import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import { expect, test } from "vitest";
import { catchUp, isBehind, isBehindTemporal, ledgerMark } from "../../src/activities/resets/gone-back.ts";
import { MailsHere, mailsHere } from "../../src/activities/resets/mails-here.ts";
import { ledgerIncarnation } from "../../src/ledger/incarnation.ts";
import { openLedger } from "../../src/ledger/ledger.ts";
import { mailsHeldForMs } from "../../src/ledger/mail-record.ts";
import { campaignMails, noteAsked } from "../../src/ledger/mails.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { endedAs, subOf, testOnBoth } from "../ledger/ledgers.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { campaign, inActivity } from "./own-campaign.ts";

const RUN = {
  ...{ migrationId: 1, generation: 1, firstRunId: "first" },
  ...{ ledgerId: "ledger", destinationKind: "workos", environment: "environment" },
};
const RESETS = { ...RUN, phase: "resets" as const, from: 1, to: 9, dueByMs: Number.MAX_SAFE_INTEGER };
const UNSETTLED = { kind: "skipped", reason: "unsettled" } as const;
const LOST = { kind: "unknown", code: "timeout", message: "", retryAfterMs: 1 } as const;
const PUT_OFF = { kind: "put_off", retryAfterMs: 1, code: "mail_put_off", message: "" } as const;

const queue = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    kind: "user" as const,
    key: subOf(index + 1),
    intent: "mail" as const,
    doubtSinceMs: null,
  }));

testOnBoth("a ledger that has gone back hears from the worker whom it mailed", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => addItems(tx, RUN, "resets", 0, queue(5)));
  const here = new MailsHere();
  here.note(subOf(1), { kind: "created", destinationId: "mail_1" });
  here.note(subOf(2), UNSETTLED);
  here.note(subOf(3), LOST);
  here.note(subOf(4), PUT_OFF);
  const remembered = () => [1, 2, 3, 4].map((one) => here.has(subOf(one)));
  expect(remembered()).toEqual([true, true, true, false]);

  for (let time = 0; time < 2; time += 1) await here.tell(ledger, RUN);
  const mails = await ledger.read((db) => campaignMails(db, 1, [1, 2, 3, 4].map(subOf)));
  expect([...mails.values()].map(({ sub, state, mailId }) => [sub, state, mailId])).toEqual([
    [subOf(1), "mailed", "mail_1"],
    [subOf(2), "unsettled", null],
  ]);
  const counts = await ledger.read((db) => phaseCounts(db, RUN, "resets"));
  expect(counts).toEqual({ pending: 3, done: 1, failed: 0, skipped: 1 });
  // What became of the lost one says the destination's record.
  expect(remembered()).toEqual([true, true, false, false]);
  expect([1, 2, 3].map((one) => here.endOf(subOf(one)))).toEqual([
    { kind: "created", destinationId: "mail_1" },
    UNSETTLED,
    null,
  ]);
});

testOnBoth("what an earlier attempt had settled is held against the ledger", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => addItems(tx, RUN, "resets", 0, queue(3)));
  const items = await ledger.write((tx) => claim(tx, RESETS, 1, 3));
  const [done, skipped] = items;
  if (done === undefined || skipped === undefined) throw new Error("Too few were claimed.");
  await ledger.write((tx) => settle(tx, RESETS, 1, [{ ...endedAs(done, "skipped", null), state: "done" }]));
  await ledger.write((tx) => settle(tx, RESETS, 1, [endedAs(skipped, "skipped", "already_reset")]));
  const input = { ...RESETS, run: RUN, accepted: [], ahead: 3, isCanary: false, mark: null };
  const isBehind = (shown: object) => isBehindTemporal(ledger, input, { ...shown });
  expect(await isBehind({})).toBe(false);
  expect(await isBehind({ done: 1, failed: 5, skipped: 1, of: 9 })).toBe(false);
  expect(await isBehind({ done: 2, failed: 0, skipped: 1, of: 9 })).toBe(true);
});

testOnBoth("a worker remembers for each ledger and migration", async ({ open }) => {
  const ledger = await open();
  mailsHere(ledger, RUN).note(subOf(1), UNSETTLED);
  expect(mailsHere(ledger, { ...RUN, generation: 2 }).has(subOf(1))).toBe(true);
  expect(mailsHere(ledger, { ...RUN, migrationId: 2 }).has(subOf(1))).toBe(false);
  // What was mailed before an undo was for accounts that are gone.
  expect(mailsHere(ledger, { ...RUN, generation: 3, undoneGeneration: 2 }).has(subOf(1))).toBe(false);
  // Each attempt of an activity has a session of its own.
  expect(mailsHere(ledger.session(), RUN).has(subOf(1))).toBe(true);
  expect(mailsHere({ id: "another" }, RUN).has(subOf(1))).toBe(false);
});

testOnBoth("whoever asked the bridge as well hides no mail of this worker", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => addItems(tx, RUN, "resets", 0, queue(1)));
  await ledger.change((db) => noteAsked(db, 1, subOf(1)));
  const here = new MailsHere();
  here.note(subOf(1), { kind: "created", destinationId: "mail_1" });
  await here.tell(ledger, RUN);
  const counts = await ledger.read((db) => phaseCounts(db, RUN, "resets"));
  expect(counts).toMatchObject({ pending: 0, done: 1 });
});

testOnBoth(
  "a ledger that may have gone back has nobody mailed for a while, whoever asks",
  async ({ open }) => {
    const ledger = await open();
    const mark = await ledgerMark(ledger, { done: 3, failed: 4, skipped: 2, of: 9 });
    expect(mark.settled).toBe(5);
    expect(mark.incarnation).not.toBe("");
    expect(await ledgerMark(ledger, { done: 3, failed: 0, skipped: 2, of: 9 })).toEqual(mark);
    expect(isBehind(mark, null)).toBe(false);
    expect(isBehind(mark, { ...mark, settled: 5 })).toBe(false);
    expect(isBehind(mark, { ...mark, settled: 6 })).toBe(true);
    expect(isBehind(mark, { ...mark, incarnation: "another" })).toBe(true);

    const heldMs = (atMostMs: number) => ledger.read((db) => mailsHeldForMs(db, 1, atMostMs));
    expect(await heldMs(60_000)).toBe(0);
    await catchUp(ledger, RUN, 60_000);
    expect(await heldMs(60_000)).toBeGreaterThan(50_000);
    // Of a clock that was set back since.
    expect(await heldMs(1_000)).toBe(1_000);
  },
);

testOnBoth("a batch that begins while nobody is to be mailed mails nobody", async ({ open }) => {
  const ledger = await open();
  await inActivity(async () => {
    const { run, send, answered } = await campaign(ledger, 3);
    // Of an attempt that died before the run heard why it had ended.
    await catchUp(ledger, run, 60_000);
    const ended = await send(1, 3);
    expect(ended).toMatchObject({
      status: "sent",
      why: expect.stringMatching(/^The ledger may have forgotten/),
    });
    expect(ended.status === "sent" && ended.waitMs).toBeGreaterThan(50_000);
    expect(answered).toEqual({ clear: 0, unclear: 0 });
  });
});

test("a database whose tables are put back in place is another one", async () => {
  const ledger = await openLedger(await freshPostgresDatabase());
  const incarnation = () => ledger.read(ledgerIncarnation);
  const first = await incarnation();
  expect(await incarnation()).toBe(first);
  await ledger.write(async (tx) => {
    await sql`create table back_up (like mails including all)`.execute(tx);
    await sql`drop table mails`.execute(tx);
    await sql`alter table back_up rename to mails`.execute(tx);
  });
  expect(await incarnation()).not.toBe(first);
  await ledger.close();
});

test("a file that takes the ledger's place is another one", async () => {
  const file = join(freshFolder(), "ledger.db");
  const incarnation = async () => {
    const ledger = await openLedger(file);
    const found = await ledger.read(ledgerIncarnation);
    await ledger.close();
    return found;
  };
  const first = await incarnation();
  expect(await incarnation()).toBe(first);
  copyFileSync(file, `${file}.backup`);
  rmSync(file);
  copyFileSync(`${file}.backup`, file);
  expect(await incarnation()).not.toBe(first);
});

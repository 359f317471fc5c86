import type { KyselyPlugin } from "kysely";
import { expect } from "vitest";
import type { Ledger, Tx } from "../../src/ledger/ledger.ts";
import { beginMailRecord, copyMails, mailRecordPosition } from "../../src/ledger/mail-record.ts";
import { type AskedMail, campaignMails, noteAsked, settleAsked } from "../../src/ledger/mails.ts";
import { phaseCounts } from "../../src/ledger/phase-counts.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { claim } from "../../src/ledger/queue-claims.ts";
import { dueOrdinals, nextDueAtMs, rangeCounts } from "../../src/ledger/queue-questions.ts";
import { settle } from "../../src/ledger/queue-settlements.ts";
import { afterLostMs, likeLostForMs, noteLostLink, noteUnsentLink } from "../../src/ledger/unsent-links.ts";
import { endedAs, subOf, testOnBoth } from "./ledgers.ts";
import { allScans, watched } from "./query-plans.ts";

const RUN = { migrationId: 1, generation: 1 };
const RESETS = { ...RUN, phase: "resets" as const, from: 1, to: 9 };
/** The record has shown every mail that there is. */
const ALL_SHOWN = Number.MAX_SAFE_INTEGER;
const sent = (ordinal: number, atMs = Date.now()) => ({
  userId: `user_${subOf(ordinal)}`,
  resetId: `reset_${ordinal}`,
  atMs,
});

const asker = (ordinal: number) => ({ sub: subOf(ordinal), tookMs: 10_000, callTimeoutMs: 10_000 });

/** People with an account, and a mail to each in the queue. */
async function queueMails(tx: Tx, ordinals: readonly number[]): Promise<void> {
  const common = { kind: "user", how: "created", fingerprint: null, details: null } as const;
  const made = ordinals.map((one) => ({
    ...common,
    key: subOf(one),
    destinationId: `user_${subOf(one)}`,
    firstClaimedAtMs: 1,
  }));
  await noteStanding(tx, 1, made);
  const mail = { kind: "user", intent: "mail", doubtSinceMs: null } as const;
  const due = ordinals.map((one) => ({ ...mail, key: subOf(one) }));
  await addItems(tx, RUN, "resets", 0, due);
}

const statesOf = async (ledger: Ledger, ordinals: readonly number[]) => {
  const mails = await ledger.read((db) => campaignMails(db, 1, ordinals.map(subOf)));
  return ordinals.map((one) => mails.get(subOf(one))?.state ?? null);
};

testOnBoth("whom the record names and the book does not is mailed no more", async ({ open }) => {
  const { ledger, statements } = watched(await open());
  const ordinals = [1, 2, 3, 4];
  await ledger.write(async (tx) => {
    await beginMailRecord(tx, 1);
    await queueMails(tx, ordinals);
  });
  // The first one's link was handed to nobody, the second one asked the bridge.
  await ledger.write((tx) => noteUnsentLink(tx, 1, "reset_1"));
  await ledger.write((tx) => noteAsked(tx, 1, subOf(2)));

  const atMs = Date.now() + 60_000;
  const page = [sent(1), sent(2), { ...sent(3, atMs - 1), userId: "user_of_nobody" }, sent(3, atMs)];
  for (let time = 0; time < 2; time += 1)
    await ledger.write((tx) => copyMails(tx, RUN, page, "mailed", ALL_SHOWN));

  const mails = await ledger.read((db) => campaignMails(db, 1, ordinals.map(subOf)));
  expect([...mails.values()]).toEqual([
    {
      sub: subOf(3),
      state: "mailed",
      claimedAtMs: atMs,
      settledAtMs: atMs,
      delivery: null,
      mailId: "reset_3",
      code: null,
    },
  ]);
  const counts = () => ledger.read((db) => phaseCounts(db, RUN, "resets"));
  expect(await counts()).toEqual({ pending: 3, done: 1, failed: 0, skipped: 0 });
  expect(await ledger.read((db) => mailRecordPosition(db, RUN))).toMatchObject({ copiedAtMs: atMs });
  await ledger.write((tx) => copyMails(tx, RUN, [sent(4, atMs - 1_000)], "unsettled", ALL_SHOWN));
  expect(await ledger.read((db) => mailRecordPosition(db, RUN))).toMatchObject({ copiedAtMs: atMs });
  // Of whom nobody knows whether they were mailed, nobody says that they were.
  expect(await counts()).toEqual({ pending: 2, done: 1, failed: 0, skipped: 1 });
  expect(await ledger.read((db) => mailRecordPosition(db, { migrationId: 2, generation: 1 }))).toEqual({
    beganAtMs: null,
    copiedAtMs: null,
    newestAtMs: null,
    hasOwnMails: false,
  });
  // PostgreSQL reads a queue of four from end to end.
  const scans = await allScans(ledger, statements.values());
  expect(scans.filter(({ table }) => table !== "work_items")).toEqual([]);
});

testOnBoth(
  "a page of people whom the ledger forgot takes as few statements as one of them",
  async ({ open }) => {
    const ledger = await open();
    const ordinals = Array.from({ length: 100 }, (_, index) => index + 1);
    await ledger.write((tx) => queueMails(tx, ordinals));
    const copied = async (people: readonly number[]) => {
      let statements = 0;
      const counting: KyselyPlugin = {
        transformQuery({ node }) {
          statements += 1;
          return node;
        },
        transformResult: ({ result }) => Promise.resolve(result),
      };
      const page = people.map((one) => sent(one));
      await ledger.write((tx) => copyMails(counted(tx, counting), RUN, page, "mailed", ALL_SHOWN));
      return statements;
    };
    const [one, ...others] = ordinals;
    const ofOne = await copied([one ?? 1]);
    expect(await copied(others)).toBe(ofOne);
    const counts = await ledger.read((db) => phaseCounts(db, RUN, "resets"));
    expect(counts).toEqual({ pending: 0, done: 100, failed: 0, skipped: 0 });
  },
);

/** A transaction stays one with a plugin. */
function counted(tx: Tx, plugin: KyselyPlugin): Tx {
  return tx.withPlugin(plugin) as Tx;
}

testOnBoth("of several links one that was handed over counts, whichever it is", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => queueMails(tx, [1, 2]));
  for (const id of ["a", "c"]) await ledger.write((tx) => noteUnsentLink(tx, 1, id));
  const links = ["a", "b", "c"].map((resetId) => ({ ...sent(1), resetId }));
  const unsent = ["a", "c"].map((resetId) => ({ ...sent(2), resetId }));
  await ledger.write((tx) => copyMails(tx, RUN, [...links, ...unsent], "unsettled", ALL_SHOWN));
  expect(await statesOf(ledger, [1, 2])).toEqual(["unsettled", null]);
});

testOnBoth("a link whose answer was lost is one link, and none that was made later", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => queueMails(tx, [1, 2, 3]));
  for (const one of [1, 2, 3]) await ledger.write((tx) => noteLostLink(tx, 1, asker(one)));
  const later = Date.now() + afterLostMs(10_000);
  const page = [
    sent(1),
    { ...sent(2), resetId: "lost" },
    { ...sent(2), resetId: "handed over" },
    sent(3, later),
  ];
  await ledger.write((tx) => copyMails(tx, RUN, page, "unsettled", ALL_SHOWN));
  expect(await statesOf(ledger, [1, 2, 3])).toEqual([null, "unsettled", "unsettled"]);
  // Read again, it has its name.
  await ledger.write((tx) => copyMails(tx, RUN, [sent(1)], "unsettled", ALL_SHOWN));
  expect(await statesOf(ledger, [1])).toEqual([null]);
  await ledger.write((tx) =>
    copyMails(tx, RUN, [{ ...sent(1), resetId: "one more" }], "unsettled", ALL_SHOWN),
  );
  expect(await statesOf(ledger, [1])).toEqual(["unsettled"]);
});

testOnBoth("a link that was made before the call whose answer was lost is another one", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => queueMails(tx, [1]));
  await ledger.write((tx) => noteLostLink(tx, 1, asker(1)));
  await ledger.write((tx) => copyMails(tx, RUN, [sent(1, Date.now() - 3_600_000)], "unsettled", ALL_SHOWN));
  expect(await statesOf(ledger, [1])).toEqual(["unsettled"]);
});

testOnBoth(
  "a link is like a lost one of the same person until it is too young for that",
  async ({ open }) => {
    const ledger = await open();
    await ledger.write((tx) => noteLostLink(tx, 1, asker(1)));
    const likeLostMs = (one: number) => ledger.read((db) => likeLostForMs(db, 1, asker(one)));
    expect(await likeLostMs(1)).toBeGreaterThan(0);
    expect(await likeLostMs(1)).toBeLessThanOrEqual(afterLostMs(10_000));
    expect(await likeLostMs(2)).toBe(0);
    // A clock that was set back.
    const times = (made_by_ms: number) =>
      ledger.write((tx) => tx.updateTable("unsent_links").set({ made_by_ms }).execute());
    await times(Date.now() + 3_600_000);
    expect(await likeLostMs(1)).toBe(afterLostMs(10_000));
    await times(Date.now() - 60_000);
    expect(await likeLostMs(1)).toBe(0);
  },
);

testOnBoth("of the bridge's links those that did not go out are no mails", async ({ open }) => {
  const ledger = await open();
  const ordinals = [1, 2, 3];
  await ledger.write((tx) => queueMails(tx, ordinals));
  for (const one of ordinals) await ledger.write((tx) => noteAsked(tx, 1, subOf(one)));
  const link = { resetId: "reset_1", accountId: `user_${subOf(1)}`, expiresAtMs: Date.now() + 60_000 };
  const ends: AskedMail[] = [
    { isOut: false, link },
    { isOut: false, link: "lost" },
    { isOut: false, link: null },
  ];
  for (const [index, end] of ends.entries())
    await ledger.write((tx) => settleAsked(tx, 1, asker(index + 1), end));
  await ledger.write((tx) =>
    copyMails(
      tx,
      RUN,
      ordinals.map((one) => sent(one)),
      "unsettled",
      ALL_SHOWN,
    ),
  );
  expect(await statesOf(ledger, ordinals)).toEqual([null, null, "unsettled"]);
});

testOnBoth("what is put off is due at its time, and its link is no mail", async ({ open }) => {
  const ledger = await open();
  await ledger.write((tx) => queueMails(tx, [1, 2]));
  const atMs = Date.now();
  const range = { ...RESETS, dueByMs: atMs };
  const [first] = await ledger.write((tx) => claim(tx, range, 1, 1));
  if (first === undefined) throw new Error("Nothing was claimed.");
  const later = { item: first, state: "pending", inDoubt: false, putOffMs: 60_000 } as const;
  const putOff = { ...later, code: "mail_put_off", message: "Later.", fact: null };
  await ledger.write((tx) => settle(tx, RESETS, 1, [putOff]));

  const ordinals = (dueByMs: number) =>
    ledger.read((db) => dueOrdinals(db, RUN, "resets", { from: 1, dueByMs, limit: 5 }));
  expect(await ordinals(atMs)).toEqual([2]);
  expect(await ordinals(atMs + 120_000)).toEqual([1, 2]);
  const dueAtMs = (await ledger.read((db) => nextDueAtMs(db, RUN, "resets", 9))) ?? 0;
  expect(dueAtMs - atMs).toBeGreaterThanOrEqual(60_000);
  expect(await ledger.read((db) => rangeCounts(db, range))).toMatchObject({ pending: 1 });
  expect((await ledger.write((tx) => claim(tx, range, 2, 5))).map(({ ordinal }) => ordinal)).toEqual([2]);
  // The link that was made for it is in the record, also for a run that comes after this.
  await ledger.write((tx) => noteUnsentLink(tx, 1, "reset_1"));
  await ledger.write((tx) => copyMails(tx, { ...RUN, generation: 2 }, [sent(1)], "unsettled", ALL_SHOWN));
  const mails = await ledger.read((db) => campaignMails(db, 1, [subOf(1)]));
  expect(mails.get(subOf(1))).toMatchObject({ state: "refused", code: "mail_put_off" });
  const again = await ledger.write((tx) => claim(tx, { ...range, dueByMs: atMs + 120_000 }, 3, 5));
  expect(again.map(({ ordinal, putOff: times, inDoubt }) => [ordinal, times, inDoubt])).toEqual([
    [1, 1, false],
    [2, 0, true],
  ]);
});

testOnBoth(
  "a refusal, a mail that was taken back and a try without effect hide no later mail",
  async ({ open }) => {
    const ledger = await open();
    const ordinals = [1, 2, 3];
    await ledger.write((tx) => queueMails(tx, ordinals));
    const tries = await ledger.write((tx) => claim(tx, { ...RESETS, to: 2 }, 1, 2));
    const [refused, putBack] = tries;
    if (refused === undefined || putBack === undefined) throw new Error("Too few were claimed.");
    await ledger.write((tx) => settle(tx, RESETS, 1, [endedAs(refused, "failed", "forbidden")]));
    await ledger.write((tx) => settle(tx, RESETS, 1, [endedAs(putBack, "pending", null)]));
    await ledger.write((tx) => noteAsked(tx, 1, subOf(3)));
    await ledger.write((tx) => settleAsked(tx, 1, asker(3), { isOut: false, link: null }));

    const statesAfter = async (atMs: number) => {
      const page = ordinals.map((one) => sent(one, atMs));
      await ledger.write((tx) => copyMails(tx, RUN, page, "mailed", ALL_SHOWN));
      const mails = await ledger.read((db) => campaignMails(db, 1, ordinals.map(subOf)));
      return ordinals.map((one) => mails.get(subOf(one))?.state);
    };
    // Whatever the clocks say.
    expect(await statesAfter(Date.now() - 60_000)).toEqual(["mailed", "mailed", "mailed"]);
    const counts = await ledger.read((db) => phaseCounts(db, RUN, "resets"));
    expect(counts).toEqual({ pending: 0, done: 3, failed: 0, skipped: 0 });
  },
);

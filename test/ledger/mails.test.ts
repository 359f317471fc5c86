import { expect } from "vitest";
import type { MailDelivery } from "../../src/domain/books.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import {
  campaignMails,
  claimMails,
  mailedBefore,
  mailsSince,
  noteAsked,
  settleMails,
} from "../../src/ledger/mails.ts";
import { endedAs, madeOf, subOf, testOnBoth } from "./ledgers.ts";

const LONG_AGO_MS = 0;

/** Claims of the campaign, as an attempt makes them. */
function itemOf(ordinal: number) {
  const item = { ordinal, kind: "user" as const, key: subOf(ordinal), firstClaimedAtMs: 1 };
  return { ...item, intent: "mail" as const, inDoubt: false, attempts: 1, putOff: 0, data: null };
}

async function mailSome(ledger: Ledger): Promise<void> {
  const items = [1, 2, 3, 4, 5].map(itemOf);
  await ledger.write((tx) => claimMails(tx, 1, items, "destination"));
  const settlements = items.slice(0, 3).map(madeOf);
  const refused = items.slice(3, 4).map((item) => endedAs(item, "failed", "refused"));
  await ledger.write((tx) => settleMails(tx, 1, [...settlements, ...refused]));
  await ledger.write((tx) => noteAsked(tx, 1, subOf(9)));
}

testOnBoth("a day's mails are those that went out, counted as far as anybody asks", async ({ open }) => {
  const ledger = await open();
  await mailSome(ledger);
  const since = (sinceMs: number, atMost: number) => ledger.read((db) => mailsSince(db, 1, sinceMs, atMost));
  expect(await since(LONG_AGO_MS, 100)).toBe(3);
  expect(await since(LONG_AGO_MS, 2)).toBe(2);
  expect(await since(Number.MAX_SAFE_INTEGER, 100)).toBe(0);
});

testOnBoth("a mail that may be out stays claimed, however often its item failed", async ({ open }) => {
  const ledger = await open();
  const item = itemOf(1);
  await ledger.write((tx) => claimMails(tx, 1, [item], "destination"));
  await ledger.write((tx) => settleMails(tx, 1, [endedAs(item, "failed", "no_clear_answer", true)]));
  const mails = await ledger.read((db) => campaignMails(db, 1, [subOf(1)]));
  expect(mails.get(subOf(1))).toMatchObject({ state: "claimed", settledAtMs: null });
});

testOnBoth("a mail that was put back goes out when it is claimed anew", async ({ open }) => {
  const ledger = await open();
  const item = itemOf(1);
  const claimedAtMs = async () => {
    const mails = await ledger.read((db) => campaignMails(db, 1, [subOf(1)]));
    return mails.get(subOf(1))?.claimedAtMs ?? 0;
  };
  await ledger.write((tx) => claimMails(tx, 1, [item], "destination"));
  await ledger.write((tx) => settleMails(tx, 1, [endedAs(item, "pending", null)]));
  await ledger.write((tx) => claimMails(tx, 1, [item], "destination"));
  const again = await claimedAtMs();
  expect(Date.now() - again).toBeLessThan(60_000);
  // A try whose end nobody knows stays as old as it is.
  await ledger.write((tx) => claimMails(tx, 1, [{ ...item, inDoubt: true }], "own"));
  expect(await claimedAtMs()).toBe(again);
});

testOnBoth(
  "a mail in doubt keeps by whom it was to go out, and the next try has its own",
  async ({ open }) => {
    const ledger = await open();
    const item = itemOf(1);
    const claimedBy = async (delivery: MailDelivery, inDoubt: boolean) => {
      await ledger.write((tx) => claimMails(tx, 1, [{ ...item, inDoubt }], delivery));
      return (await ledger.read((db) => campaignMails(db, 1, [subOf(1)]))).get(subOf(1))?.delivery;
    };
    expect(await claimedBy("own", false)).toBe("own");
    expect(await claimedBy("destination", true)).toBe("own");
    await ledger.write((tx) => settleMails(tx, 1, [endedAs(item, "failed", "refused")]));
    expect(await claimedBy("destination", false)).toBe("destination");
  },
);

testOnBoth(
  "whom the campaign mailed, or may have, counts, and who was refused does not",
  async ({ open }) => {
    const ledger = await open();
    await mailSome(ledger);
    expect(await ledger.read((db) => mailedBefore(db, 1, 100))).toBe(4);
    expect(await ledger.read((db) => mailedBefore(db, 1, 3))).toBe(3);
  },
);

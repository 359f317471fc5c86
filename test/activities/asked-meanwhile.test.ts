import { expect } from "vitest";
import { type Due, resetsWork } from "../../src/activities/resets/resets-work.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import { type Call, type Item, sendOne } from "../../src/destinations/sending.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { noteLooks } from "../../src/ledger/looks.ts";
import { noteAsked, settleAsked } from "../../src/ledger/mails.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { subOf, testOnBoth } from "../ledger/ledgers.ts";
import { PLANNED, RUN, UNCHANGED } from "./still-planned.ts";

const SUB = subOf(1);
const DUE: Due = {
  ...{ sub: SUB, userId: "user_1", writtenAtMs: null, email: PLANNED.email, language: null },
  planned: PLANNED,
};
const ITEM: Item<Due> = { key: SUB, record: DUE, firstClaimedAtMs: 1, lastTriedAtMs: 1, inDoubt: false };

/** The campaign's mail to one person; `looks` counts how often it has asked the ledger about them. */
async function campaign(ledger: Ledger) {
  const mail = { kind: "user", key: SUB, intent: "mail", doubtSinceMs: null } as const;
  await ledger.write((tx) => addItems(tx, RUN, "resets", 0, [mail]));
  const looked = { sub: SUB, lookedAtMs: Date.now(), standing: PLANNED };
  await ledger.change((db) => noteLooks(db, RUN, [looked], Date.now()));
  let looks = 0;
  const watched: Ledger = {
    ...ledger,
    async read(question) {
      const answer = await ledger.read(question);
      looks += 1;
      return answer;
    },
  };
  const { users, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const found = {
    id: DUE.userId,
    externalId: SUB,
    email: DUE.email,
    emailVerified: true,
    createdAtMs: 0,
    changedAtMs: 0,
  };
  const value = { ...found, firstName: null, lastName: null, metadata: {} };
  const destination: Destination = { ...rest, users: { ...users, find: async () => ({ ok: true, value }) } };
  const mailing = {
    send: async () => ({ kind: "created", destinationId: "mail_1" }) as const,
    settle: async () => ({ kind: "skipped", reason: "unsettled" }) as const,
  };
  const limits = { callsInFlight: 4, isOpen: () => true, answersBefore: [] };
  const { sender } = resetsWork(watched, destination, mailing, RUN, UNCHANGED, limits);
  const call: Call = {
    read: async () => {},
    write: async () => {},
    signal: new AbortController().signal,
    nowMs: () => Date.now(),
  };
  return { send: () => sendOne(sender, ITEM, call), looks: () => looks };
}

testOnBoth(
  "whoever asks the bridge for a mail that does not go out is mailed by the campaign",
  async ({ open }) => {
    const ledger = await open();
    const { send, looks } = await campaign(ledger);
    await ledger.change((db) => noteAsked(db, 1, SUB));
    const sent = send();
    await expect.poll(looks).toBeGreaterThan(1);
    const asked = { sub: SUB, tookMs: 0, callTimeoutMs: 10_000 };
    await ledger.write((tx) => settleAsked(tx, 1, asked, { isOut: false, link: null }));
    expect(await sent).toMatchObject({ kind: "created" });
  },
);

testOnBoth("whom the bridge has mailed meanwhile the campaign leaves out", async ({ open }) => {
  const ledger = await open();
  const { send, looks } = await campaign(ledger);
  await ledger.change((db) => noteAsked(db, 1, SUB));
  const sent = send();
  await expect.poll(looks).toBeGreaterThan(1);
  const asked = { sub: SUB, tookMs: 0, callTimeoutMs: 10_000 };
  await ledger.write((tx) => settleAsked(tx, 1, asked, { isOut: true, link: null }));
  expect(await sent).toEqual({ kind: "skipped", reason: "asked_already" });
});

import { expect } from "vitest";
import type { ResetEvent } from "../../src/destinations/sign-in.ts";
import { isBeingMoved, noteMoved } from "../../src/ledger/bridge.ts";
import { nowMsSql } from "../../src/ledger/dialect.ts";
import { type AskedMail, noteAsked, settleAsked } from "../../src/ledger/mails.ts";
import { newerPassword } from "../../src/ledger/newer-password.ts";
import { noteStanding } from "../../src/ledger/placed.ts";
import {
  copyResetEvents,
  forgetResetPositions,
  hasCompletedReset,
  resetPositions,
} from "../../src/ledger/reset-events.ts";
import { type Fresh, testOnBoth } from "./ledgers.ts";

const event = (account: string, atMs: number, parts: Partial<ResetEvent> = {}): ResetEvent => ({
  kind: "completed",
  resetId: `reset_${atMs}`,
  accountId: `user_${account}`,
  expiresAtMs: Date.now() + 60_000,
  eventId: `event_${atMs}`,
  atMs,
  ...parts,
});

const PERSON = { sub: "sub-a", accountId: "user_a" };
const ASKER = { sub: PERSON.sub, tookMs: 10_000, callTimeoutMs: 10_000 };
const WINDOWS = { pastMs: 60_000, unlistedMs: 60_000 };
const NOTHING = { isReset: false, changedAtMs: null, resetIds: [], isLinkUnknown: false };

/** What the ledger knows of a person's newer password, and how it hears of it. */
async function open(fresh: Fresh) {
  const ledger = await fresh.open();
  return {
    ledger,
    copy: (...events: ResetEvent[]) => ledger.write((tx) => copyResetEvents(tx, 1, events, null)),
    known: () => ledger.read((db) => newerPassword(db, 1, PERSON, WINDOWS)),
  };
}

testOnBoth("completed resets are copied once, and no position ever goes back", async (fresh) => {
  const { ledger, copy } = await open(fresh);
  await copy(event("a", 10), event("a", 20), event("b", 30));
  await copy(event("a", 10), event("c", 15));
  await copy();
  const settle = (atMs: number) =>
    ledger.write((tx) => copyResetEvents(tx, 1, [], { eventId: `event_${atMs}`, atMs }));
  await settle(20);
  await settle(10);
  expect(await ledger.read((db) => resetPositions(db, 1))).toEqual({
    newest: { eventId: "event_30", atMs: 30 },
    settled: { eventId: "event_20", atMs: 20 },
  });
  const has = (id: string, migrationId = 1) => ledger.read((db) => hasCompletedReset(db, migrationId, id));
  const asked = [await has("user_a"), await has("user_c"), await has("user_d"), await has("user_a", 2)];
  expect(asked).toEqual([true, true, false, false]);
  await ledger.write((tx) => forgetResetPositions(tx, 1, "event_20"));
  expect(await ledger.read((db) => resetPositions(db, 1))).toMatchObject({ settled: null });
});

testOnBoth("a link is known until it was used", async (fresh) => {
  const { copy, known } = await open(fresh);
  expect(await known()).toEqual(NOTHING);
  await copy(event("a", 1, { kind: "opened" }), event("b", 2, { kind: "opened" }));
  expect(await known()).toEqual({ ...NOTHING, resetIds: ["reset_1"] });
  await copy(event("a", 3, { resetId: "reset_1" }));
  expect(await known()).toEqual({ ...NOTHING, isReset: true });
});

testOnBoth("a link that is past is asked for a while longer, and is gone after a day", async (fresh) => {
  const { copy, known, ledger } = await open(fresh);
  const opened = (atMs: number, expiredForMs: number) =>
    event("a", atMs, { kind: "opened", expiresAtMs: Date.now() - expiredForMs });
  await copy(opened(1, 30_000), opened(2, 3_600_000), opened(3, 25 * 3_600_000));
  expect((await known()).resetIds).toEqual(["reset_1"]);
  const kept = () => ledger.read((db) => db.selectFrom("reset_links").select("reset_id").execute());
  expect(await kept()).toHaveLength(2);
  await ledger.write((tx) => tx.updateTable("reset_links").set({ expires_at_ms: 1 }).execute());
  await copy(opened(4, 0));
  expect(await kept()).toEqual([{ reset_id: "reset_4" }]);
});

testOnBoth("a mail whose link has no name yet may be any link, for a while", async (fresh) => {
  const { ledger, known } = await open(fresh);
  await ledger.changeSoon((db) => noteAsked(db, 1, PERSON.sub));
  expect(await known()).toEqual({ ...NOTHING, isLinkUnknown: true });
  const longAgo = { claimed_at_ms: 1 };
  await ledger.write((tx) => tx.updateTable("mails").set(longAgo).execute());
  expect(await known()).toEqual(NOTHING);
  await ledger.changeSoon((db) => noteAsked(db, 1, PERSON.sub));
  expect(await known()).toEqual({ ...NOTHING, isLinkUnknown: true });
  for (let mail = 0; mail < 2; mail += 1)
    await ledger.writeSoon((tx) => settleAsked(tx, 1, ASKER, { isOut: false, link: null }));
  expect(await known()).toEqual(NOTHING);
});

testOnBoth("the bridge's mails name their links, each for itself", async (fresh) => {
  const { ledger, known } = await open(fresh);
  const link = (resetId: string) => ({
    resetId,
    accountId: PERSON.accountId,
    expiresAtMs: Date.now() + 600_000,
  });
  const settle = (end: AskedMail) => ledger.writeSoon((tx) => settleAsked(tx, 1, ASKER, end));
  for (let mail = 0; mail < 3; mail += 1) await ledger.changeSoon((db) => noteAsked(db, 1, PERSON.sub));
  await settle({ isOut: true, link: link("reset_2") });
  await settle({ isOut: true, link: "unknown" });
  expect(await known()).toEqual({ ...NOTHING, resetIds: ["reset_2"], isLinkUnknown: true });
  await settle({ isOut: true, link: link("reset_1") });
  const { resetIds, isLinkUnknown } = await known();
  expect({ resetIds: resetIds.toSorted(), isLinkUnknown }).toEqual({
    resetIds: ["reset_1", "reset_2"],
    isLinkUnknown: true,
  });
});

testOnBoth("a link that was lost long ago keeps nobody out when they ask again", async (fresh) => {
  const { ledger, known } = await open(fresh);
  const ask = () => ledger.changeSoon((db) => noteAsked(db, 1, PERSON.sub));
  const settle = (end: AskedMail) => ledger.writeSoon((tx) => settleAsked(tx, 1, ASKER, end));
  await ask();
  await settle({ isOut: true, link: "unknown" });
  await ledger.write((tx) => tx.updateTable("mails").set({ claimed_at_ms: 1 }).execute());
  await ask();
  expect((await known()).isLinkUnknown).toBe(true);
  const expiresAtMs = Date.now() + 600_000;
  await settle({ isOut: true, link: { resetId: "reset_5", accountId: PERSON.accountId, expiresAtMs } });
  expect(await known()).toEqual({ ...NOTHING, resetIds: ["reset_5"] });
});

testOnBoth("the campaign's mail names its link; one that was refused has none", async (fresh) => {
  const { ledger, known } = await open(fresh);
  const mail = { migration_id: 1, sub: PERSON.sub, sender: "campaign" as const, mails: 1 };
  await ledger.write((tx) =>
    tx
      .insertInto("mails")
      .values({ ...mail, state: "mailed", claimed_at_ms: nowMsSql(tx), mail_id: "reset_9" })
      .execute(),
  );
  expect(await known()).toEqual({ ...NOTHING, resetIds: ["reset_9"] });
  await ledger.write((tx) => tx.updateTable("mails").set({ state: "refused", mail_id: null }).execute());
  expect(await known()).toEqual(NOTHING);
});

testOnBoth("the last change of an account that was our own is known", async (fresh) => {
  const { ledger, known } = await open(fresh);
  const fact = { kind: "user", key: PERSON.sub, destinationId: PERSON.accountId, how: "adopted" } as const;
  const rest = { fingerprint: "f", firstClaimedAtMs: 1, details: { changedAtMs: 7 } };
  await ledger.write((tx) => noteStanding(tx, 1, [{ ...fact, ...rest }]));
  expect(await known()).toEqual({ ...NOTHING, changedAtMs: 7 });
});

testOnBoth("a move is under way for a while, of this person alone", async (fresh) => {
  const { ledger } = await open(fresh);
  const isMoved = (sub: string) => ledger.read((db) => isBeingMoved(db, 1, sub, 30_000));
  await ledger.changeSoon((db) => noteMoved(db, 1, PERSON.sub));
  expect([await isMoved(PERSON.sub), await isMoved("sub-b")]).toEqual([true, false]);
  await ledger.write((tx) => tx.updateTable("bridge_moves").set({ begun_at_ms: 1 }).execute());
  expect(await isMoved(PERSON.sub)).toBe(false);
});

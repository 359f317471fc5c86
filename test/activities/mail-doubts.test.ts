import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { NoClearAnswersError } from "../../src/activities/resets/clear-answers.ts";
import { destinationMailing } from "../../src/activities/resets/destination-mailing.ts";
import { type DoubtPositions, openDoubtPositions } from "../../src/activities/resets/doubt-positions.ts";
import { MailDoubts } from "../../src/activities/resets/mail-doubts.ts";
import { type Due, resetsWork, WindowShutError } from "../../src/activities/resets/resets-work.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import type { SentMail } from "../../src/destinations/resets.ts";
import type { Sender } from "../../src/destinations/sending.ts";
import { Secret } from "../../src/domain/secret.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { type Rig, rigFor } from "../engine/batch/fakes.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { NO_LINK, NOT_BROKEN_OFF, PLANNED, RUN, UNCHANGED } from "./still-planned.ts";

const forEver = new AbortController().signal;
const PAGE = 100;
const RECORD = { lagMs: 60_000, keptMs: 86_400_000 };
/** As much of a ledger as a last look asks: nobody was moved, and Cognito says of everybody what it said at the plan. */
function ledgerAt(nowMs: () => number): Ledger {
  const read = async () => ({ mails: new Map(), why: null, look: { standing: PLANNED }, nowMs: nowMs() });
  return { id: randomUUID(), read } as unknown as Ledger;
}
const NOBODY = {
  emailVerified: true,
  createdAtMs: 0,
  changedAtMs: 0,
  firstName: null,
  lastName: null,
  metadata: {},
};
const person = (userId: string) => ({ sub: `sub of ${userId}`, userId });
const LOST = { kind: "unknown", code: "http_503", message: "" } as const;

interface Mails {
  rig: Rig;
  /** What went out, to which accounts. */
  sent: SentMail[];
  /** From when on the record was read, for each page. */
  pages: number[];
}

/**
 * A batch of mails by a destination that loses some answers: of those `lose` names, by account. The record tells of a mail
 * after `showsAfterMs`, or never of those that did not go out.
 */
function mailsOf(
  people: number,
  { lose, goesOut = () => true, showsAfterMs = 0, inDoubt = [], isOpen = () => true }: Weather,
): Mails {
  const { users, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const sent: SentMail[] = [];
  const pages: number[] = [];
  const nowMs = () => mails.rig.clock.nowMs();
  const destination: Destination = {
    ...rest,
    facts: { ...rest.facts, resets: { ...rest.facts.resets, record: RECORD } },
    users: {
      ...users,
      find: async (sub) => ({
        ok: true,
        value: { ...NOBODY, id: `user of ${sub}`, email: `${sub}@example.com`, externalId: sub },
      }),
    },
    resets: {
      async send(email) {
        const userId = `user of ${email.split("@", 1)[0]}`;
        const resetId = `reset of ${userId}`;
        // The pace of forty a second.
        await mails.rig.clock.wait(25, forEver);
        if (goesOut(userId)) sent.push({ userId, resetId, atMs: nowMs() });
        if (lose(userId)) return LOST;
        const link = { url: new Secret("https://example.com"), expiresAt: new Date() };
        return { kind: "sent", resetId, userId, link };
      },
      async sentSince(sinceMs, cursor) {
        pages.push(sinceMs);
        const from = Number(cursor ?? "0");
        const shown = sent.filter(({ atMs }) => atMs >= sinceMs && atMs <= nowMs() - showsAfterMs);
        const more = shown.length > from + PAGE;
        return {
          ok: true,
          value: { mails: shown.slice(from, from + PAGE), nextCursor: more ? String(from + PAGE) : null },
        };
      },
    },
  };
  const work = resetsWork(
    ledgerAt(nowMs),
    destination,
    destinationMailing(destination, NOT_BROKEN_OFF, NO_LINK),
    RUN,
    UNCHANGED,
    {
      callsInFlight: 4,
      isOpen,
      answersBefore: [],
    },
  );
  const dueOf = (sub: string): Due => ({
    planned: PLANNED,
    sub,
    userId: `user of ${sub}`,
    writtenAtMs: null,
    email: `${sub}@example.com`,
    language: null,
  });
  const sender: Sender<string> = {
    ...work.sender,
    send: (items, call) =>
      work.sender.send(
        items.map((item) => ({ ...item, record: dueOf(item.record) })),
        {
          signal: call.signal,
          nowMs: () => call.nowMs(),
          read: () => call.read(),
          write: () => call.write(items),
        },
      ),
  };
  const rig = rigFor(sender, { items: people, inDoubt, work: { claimsSingly: true } });
  const mails: Mails = { rig, sent, pages };
  return mails;
}

interface Weather {
  lose: (userId: string) => boolean;
  goesOut?: (userId: string) => boolean;
  showsAfterMs?: number;
  inDoubt?: readonly number[];
  /** The send window. */
  isOpen?: (nowMs: number) => boolean;
}

const everyTenth = (userId: string) => userId.endsWith("0");

/** When all were let go, and how each ended. */
async function driven({ rig, sent }: Mails) {
  const people = rig.queue.items.size;
  await rig.clock.drive(rig.run());
  expect(new Set(sent.map(({ userId }) => userId)).size).toBe(sent.length);
  const codes = [...rig.queue.items.values()].map(({ state, settlement }) => settlement?.code ?? state);
  const counts = Object.fromEntries(
    [...Map.groupBy(codes, (code) => code)].map(([c, all]) => [c, all.length]),
  );
  return { people, counts, lastMs: Math.max(0, ...sent.map(({ atMs }) => atMs)) };
}

test("one reading of the record serves everybody in doubt, and goes back no further than they", async () => {
  const mails = mailsOf(1_000, { lose: everyTenth });
  expect((await driven(mails)).counts).toEqual({ done: 1_000 });
  // A reading each would be a hundred, of five pages and more.
  expect(mails.pages.length).toBeLessThan(60);
});

test("doubts that take time hold no lane", async () => {
  const certain = await driven(mailsOf(400, { lose: () => false }));
  const doubtful = await driven(mailsOf(400, { lose: everyTenth, showsAfterMs: 40_000 }));
  expect(doubtful.counts).toEqual({ done: 400 });
  expect(doubtful.lastMs).toBeLessThan(1.1 * certain.lastMs);
});

test("whose mail the record does not tell of is unsettled, once it must have shown", async () => {
  const isLost = (userId: string) => userId.endsWith("00");
  const mails = mailsOf(400, { lose: everyTenth, goesOut: (userId) => !isLost(userId) });
  expect((await driven(mails)).counts).toEqual({ done: 396, unsettled: 4 });
  expect(mails.rig.clock.nowMs()).toBeGreaterThan(RECORD.lagMs);
});

test("nobody is in doubt much longer than a call and the record's lag take", async () => {
  const mails = mailsOf(1, { lose: () => true, goesOut: () => false });
  expect((await driven(mails)).counts).toEqual({ unsettled: 1 });
  const { callTimeoutMs } = partial.connect({ url: "http://127.0.0.1:1" });
  const tookMs = mails.rig.clock.nowMs();
  expect(tookMs).toBeGreaterThanOrEqual(callTimeoutMs + RECORD.lagMs);
  expect(tookMs).toBeLessThan(callTimeoutMs + RECORD.lagMs + 5_000);
});

test("while the destination answers nobody clearly, few mails are left in doubt", async () => {
  const mails = mailsOf(3_000, { lose: () => true, goesOut: () => false });
  await expect(mails.rig.clock.drive(mails.rig.run())).rejects.toThrow(NoClearAnswersError);
  const states = Map.groupBy(mails.rig.queue.items.values(), ({ state }) => state);
  // Those in flight when the fourth answer came are among them.
  expect(states.get("skipped")?.length).toBeLessThanOrEqual(8);
  expect(states.get("skipped")?.map(({ settlement }) => settlement?.message)).toContain("http_503");
  expect(states.get("pending")?.some(({ inDoubt }) => inDoubt)).toBe(false);
  expect(states.has("sending")).toBe(false);
});

test("what an earlier attempt left in doubt is found by one reading", async () => {
  const inDoubt = [1, 2, 3, 4, 5, 6, 7, 8];
  const mails = mailsOf(8, { lose: () => false, inDoubt });
  for (const ordinal of inDoubt)
    mails.sent.push({ userId: `user of person-${ordinal}`, resetId: `reset_${ordinal}`, atMs: 0 });
  expect((await driven(mails)).counts).toEqual({ done: 8 });
  expect(mails.pages.length).toBeLessThanOrEqual(2);
});

test("once the window is shut no mail is let go, and nobody is in doubt", async () => {
  const { rig, sent } = mailsOf(100, { lose: () => false, isOpen: (nowMs) => nowMs < 200 });
  await expect(rig.clock.drive(rig.run())).rejects.toThrow(WindowShutError);
  expect(sent.length).toBeGreaterThan(4);
  expect(sent.length).toBeLessThan(60);
  const states = rig.queue.states();
  expect(states.filter((state) => state === "done")).toHaveLength(sent.length);
  expect(states.filter((state) => state === "pending")).toHaveLength(100 - sent.length);
});

test("a record whose pages lead back to one another is not read for ever", async () => {
  const known = partial.connect({ url: "http://127.0.0.1:1" });
  const sentSince: Destination["resets"]["sentSince"] = async (_, cursor) => ({
    ok: true,
    value: { mails: [], nextCursor: cursor === "A" ? "B" : "A" },
  });
  const doubts = new MailDoubts(
    { ...known, resets: { ...known.resets, sentSince } },
    RECORD.lagMs,
    NOT_BROKEN_OFF,
    NO_LINK,
  );
  doubts.add(person("user of a"), 0);
  let pages = 0;
  const read = async () => {
    pages += 1;
  };
  const outcome = await doubts.read({ read, write: read, signal: forEver, nowMs: () => 1 });
  expect(outcome).toMatchObject({ kind: "unknown", code: "endless_list" });
  expect(pages).toBe(3);
  // Nobody who is in doubt counts as looked for.
  expect(doubts.find("user of a")).toMatchObject({ lookedAtMs: null });
});

test("a mail that shows while a slow reading is under way is found by the next one", async () => {
  const known = partial.connect({ url: "http://127.0.0.1:1" });
  // Ada's shows after 50 s, when the reading has come further; somebody else is mailed every second, and shows at once.
  const others = Array.from({ length: 300 }, (_, index) => ({ userId: "another", atMs: 1_000 * index + 1 }));
  const record = [
    { userId: "ada", resetId: "hers", atMs: 0, showsAtMs: 50_000 },
    ...others.map((mail) => ({ ...mail, resetId: `another ${mail.atMs}`, showsAtMs: mail.atMs })),
  ];
  let nowMs = 49_000;
  const sentSince: Destination["resets"]["sentSince"] = async (sinceMs, cursor) => {
    const from = cursor === null ? sinceMs : Number(cursor) + 1;
    const mails = record.filter(({ atMs, showsAtMs }) => showsAtMs <= nowMs && atMs >= from).slice(0, 20);
    const last = mails.at(-1);
    // The next page waits for its slot.
    nowMs += 7_000;
    const nextCursor = last !== undefined && mails.length === 20 ? String(last.atMs) : null;
    return { ok: true, value: { mails, nextCursor } };
  };
  const destination = { ...known, resets: { ...known.resets, sentSince } };
  const doubts = new MailDoubts(destination, RECORD.lagMs, NOT_BROKEN_OFF, NO_LINK);
  doubts.add(person("ada"), -300_000);
  const call = { read: async () => {}, write: async () => {}, signal: forEver, nowMs: () => nowMs };
  for (let reading = 0; reading < 2; reading += 1) expect(await doubts.read(call)).toBeNull();
  expect(doubts.find("ada")?.mail).toMatchObject({ resetId: "hers" });
});

/** A record of so many mails of others, four a second, and in the end of one that is looked for. */
function longRecord(mails: number) {
  const known = partial.connect({ url: "http://127.0.0.1:1" });
  let pages = 0;
  const at = (index: number): SentMail => ({
    userId: index === mails ? "user of ada" : `other ${index}`,
    resetId: `reset ${index}`,
    atMs: index * 250,
  });
  const sentSince: Destination["resets"]["sentSince"] = async (sinceMs, cursor) => {
    pages += 1;
    const from = cursor === null ? Math.max(0, Math.ceil(sinceMs / 250)) : Number(cursor);
    const to = Math.min(from + PAGE, mails + 1);
    const page = Array.from({ length: Math.max(0, to - from) }, (_, index) => at(from + index));
    return { ok: true, value: { mails: page, nextCursor: to > mails ? null : String(to) } };
  };
  const call = { read: async () => {}, write: async () => {}, signal: forEver, nowMs: () => mails * 250 };
  const destination = { ...known, resets: { ...known.resets, sentSince } };
  const doubtsBy = (positions: DoubtPositions) =>
    new MailDoubts(destination, RECORD.lagMs, positions, NO_LINK);
  return { doubtsBy, call, pages: () => pages };
}

test("a doubt with a million mails since its claim is settled, reading by reading", async () => {
  const { doubtsBy, call, pages } = longRecord(1_200_000);
  const doubts = doubtsBy(NOT_BROKEN_OFF);
  doubts.add(person("user of ada"), 0);
  doubts.add(person("user of nobody"), 0);
  let readings = 0;
  while (doubts.find("user of nobody")?.lookedAtMs === null && readings < 100) {
    const before = pages();
    expect(await doubts.read(call)).toBeNull();
    expect(pages() - before).toBeLessThanOrEqual(500);
    readings += 1;
  }
  expect(doubts.find("user of nobody")?.lookedAtMs).not.toBeNull();
  expect(doubts.find("user of ada")?.mail).toMatchObject({ resetId: "reset 1200000" });
  // Each reads a minute of the record again, of which some may have shown late.
  expect(pages()).toBeLessThan(12_200);
});

test("what was read of a long record is not read again after a crash", async () => {
  const ledger = await freshSqlite().open();
  const run = { ...RUN, ledgerId: "", destinationKind: "many", environment: "env", firstRunId: "run-1" };
  const { doubtsBy, call, pages } = longRecord(130_000);
  const first = doubtsBy(await openDoubtPositions(ledger, run, 1));
  first.add(person("user of ada"), 0);
  await first.read(call);
  await first.read(call);
  expect(first.find("user of ada")).toMatchObject({ mail: null, lookedAtMs: null });
  const before = pages();
  const second = doubtsBy(await openDoubtPositions(ledger, run, 2));
  second.add(person("user of ada"), 0);
  await second.read(call);
  expect(second.find("user of ada")?.mail).toMatchObject({ resetId: "reset 130000" });
  expect(pages() - before).toBeLessThan(320);
  // Somebody whom the earlier readings did not look for is looked for from the front.
  const other = doubtsBy(await openDoubtPositions(ledger, run, 2));
  other.add(person("other 7"), 0);
  await other.read(call);
  expect(other.find("other 7")?.mail).toMatchObject({ resetId: "reset 7" });
});

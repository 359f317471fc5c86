import { expect, test } from "vitest";
import { destinationMailing } from "../../src/activities/resets/destination-mailing.ts";
import { MailsHeldError } from "../../src/activities/resets/mailing.ts";
import { type Due, resetsWork } from "../../src/activities/resets/resets-work.ts";
import type { Answer, Destination } from "../../src/destinations/destination.ts";
import type { Sender } from "../../src/destinations/sending.ts";
import type { DestinationUser } from "../../src/domain/records.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { rigFor } from "../engine/batch/fakes.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { NO_LINK, NOT_BROKEN_OFF, PLANNED, RUN, UNCHANGED } from "./still-planned.ts";

const SILENT = { ok: false, problem: "unavailable", code: "http_503" } as const;
const ODD = { ok: false, problem: "refused", code: "unreadable_answer" } as const;

/** A batch of mails to people of whom a look-up says this. */
async function mailsWhere(
  answer: Answer<DestinationUser | null> | ((sub: string) => Answer<DestinationUser | null>),
  people: number,
) {
  const { users, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const lookedUp: string[] = [];
  const destination: Destination = {
    ...rest,
    users: {
      ...users,
      async find(sub) {
        lookedUp.push(sub);
        return typeof answer === "function" ? answer(sub) : answer;
      },
    },
  };
  const ledger = await freshSqlite().open();
  const batch = () =>
    resetsWork(
      ledger,
      destination,
      destinationMailing(destination, NOT_BROKEN_OFF, NO_LINK),
      RUN,
      UNCHANGED,
      {
        callsInFlight: 4,
        isOpen: () => true,
        answersBefore: [],
      },
    );
  let work = batch();
  const nextBatch = () => {
    work = batch();
  };
  const dueOf = (sub: string): Due => ({
    sub,
    userId: `user of ${sub}`,
    writtenAtMs: null,
    email: `${sub}@example.com`,
    language: null,
    planned: PLANNED,
  });
  const sender: Sender<string> = {
    ...work.sender,
    send: (items, call) =>
      work.sender.send(
        items.map((item) => ({ ...item, record: dueOf(item.record) })),
        call,
      ),
  };
  return { lookedUp, nextBatch, ...rigFor(sender, { items: people, work: { claimsSingly: true } }) };
}

test("whoever cannot be looked up is put off without a doubt, and fails with the eighth try", async () => {
  const { clock, queue, lookedUp, run } = await mailsWhere(SILENT, 1);
  for (let tries = 1; tries <= 8; tries += 1) {
    Object.assign(queue.items.get(1) ?? {}, { isDue: true });
    await clock.drive(run({ fence: tries }));
    expect(lookedUp).toHaveLength(tries);
    expect(queue.items.get(1)).toMatchObject({ state: tries < 8 ? "pending" : "failed", inDoubt: false });
  }
  expect(queue.items.get(1)?.settlement).toMatchObject({ code: "not_looked_up", message: "http_503" });
});

test("whoever cannot be looked up holds nobody else up", async () => {
  const others = { ok: true, value: null } as const;
  const isSilent = (sub: string) => sub.endsWith("0");
  const { clock, queue, slots, run } = await mailsWhere((sub) => (isSilent(sub) ? SILENT : others), 100);
  await clock.drive(run({ accepted: ["user_missing"] }));
  const states = Map.groupBy(queue.states(), (state) => state);
  // The others have no account any more.
  expect(states.get("failed")).toHaveLength(90);
  expect(states.get("pending")).toHaveLength(10);
  expect(clock.nowMs()).toBeLessThan(1_000);
  expect(slots.journal.filter((entry) => entry.startsWith("block"))).toEqual([]);
});

test("an account that cannot be read is looked up once", async () => {
  const { clock, queue, lookedUp, run } = await mailsWhere(ODD, 1);
  await clock.drive(run());
  expect(lookedUp).toHaveLength(1);
  expect(queue.states()).toEqual(["failed"]);
});

test("while nobody can be looked up everybody is held back, but for one person a batch", async () => {
  let isOut = true;
  const gone = { ok: true, value: null } as const;
  const { clock, queue, nextBatch, run } = await mailsWhere(() => (isOut ? SILENT : gone), 40);
  const putOff = () => [...queue.items.values()].reduce((sum, { putOff }) => sum + putOff, 0);
  const waits: (number | null)[] = [];
  for (let fence = 1; fence <= 6; fence += 1) {
    const held = await clock.drive(run({ fence })).catch((error: unknown) => error);
    if (!(held instanceof MailsHeldError)) throw new Error("Nobody was held back.");
    nextBatch();
    waits.push(held.retryAfterMs);
    // Nobody is claimed meanwhile: a worker that dies leaves nobody in doubt.
    expect(queue.states()).toEqual(Array(40).fill("pending"));
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(putOff()).toBe(4 + 5);
  isOut = false;
  await clock.drive(run({ fence: 7, accepted: ["user_missing"] }));
  expect(queue.states().filter((state) => state === "failed")).toHaveLength(40 - 9);
});

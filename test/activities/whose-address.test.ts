import { expect, test } from "vitest";
import { destinationMailing } from "../../src/activities/resets/destination-mailing.ts";
import type { Recipient } from "../../src/activities/resets/mailing.ts";
import { resetsWork } from "../../src/activities/resets/resets-work.ts";
import type { Answer, Destination } from "../../src/destinations/destination.ts";
import type { Sender } from "../../src/destinations/sending.ts";
import type { DestinationUser } from "../../src/domain/records.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { rigFor } from "../engine/batch/fakes.ts";
import { freshSqlite } from "../ledger/ledgers.ts";

const SILENT = { ok: false, problem: "unavailable", code: "http_503" } as const;
const ODD = { ok: false, problem: "refused", code: "unreadable_answer" } as const;

/** A batch of mails to people of whom a look-up says this. */
async function mailsWhere(answer: Answer<DestinationUser | null>, people: number) {
  const { users, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  const lookedUp: string[] = [];
  const destination: Destination = {
    ...rest,
    users: {
      ...users,
      async find(sub) {
        lookedUp.push(sub);
        return answer;
      },
    },
  };
  const work = resetsWork(await freshSqlite().open(), destination, destinationMailing(destination), 1);
  const recipientOf = (sub: string): Recipient => ({
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
        items.map((item) => ({ ...item, record: recipientOf(item.record) })),
        call,
      ),
  };
  return { lookedUp, ...rigFor(sender, { items: people, work: { claimsSingly: true } }) };
}

test("whoever cannot be looked up fails without a doubt: no mail of theirs can be out", async () => {
  const { clock, queue, lookedUp, run } = await mailsWhere(SILENT, 1);
  await clock.drive(run());
  expect(lookedUp).toHaveLength(8);
  expect(queue.items.get(1)?.settlement).toMatchObject({
    state: "failed",
    code: "not_looked_up",
    inDoubt: false,
  });
});

test("an account that cannot be read is looked up once", async () => {
  const { clock, queue, lookedUp, run } = await mailsWhere(ODD, 1);
  await clock.drive(run());
  expect(lookedUp).toHaveLength(1);
  expect(queue.states()).toEqual(["failed"]);
});

test("while nobody can be looked up, no more are claimed than may be mailed at once", async () => {
  const { clock, queue, run } = await mailsWhere(SILENT, 40);
  let claimed = 0;
  const outcome = run();
  for (let turn = 0; turn < 20; turn += 1) {
    await clock.pass(100);
    claimed = Math.max(claimed, queue.states().filter((state) => state === "sending").length);
  }
  // What is claimed when a worker dies is in doubt.
  expect(claimed).toBeLessThanOrEqual(8);
  expect(await clock.drive(outcome)).toMatchObject({ code: "too_many_failures", retries: "not_looked_up" });
});

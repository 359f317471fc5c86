import { expect, test } from "vitest";
import { ClearAnswers, isProbe, tooUnclear } from "../../src/activities/resets/clear-answers.ts";
import { unsettledBy } from "../../src/activities/resets/mailing.ts";
import { freshSqlite } from "../ledger/ledgers.ts";
import { campaign, inActivity } from "./own-campaign.ts";

test("batches of a few mails, each second without a clear answer, park the run as a large one would", async () => {
  await inActivity(async () => {
    const { send, answered, receiver } = await campaign(await freshSqlite().open(), 200);
    let next = 1;
    let ended = await send(next, next + 5);
    for (next = 7; ended.status === "sent" && next < 200; next += 6) ended = await send(next, next + 5);
    expect(ended).toMatchObject({ status: "blocked", code: "mails_unsettled" });
    // Those in flight when it was known are among them.
    expect(answered.unclear).toBeGreaterThan(10);
    expect(answered.unclear).toBeLessThanOrEqual(14);
    // Resumed, while it lasts: one more at most, and then a person looks again.
    const before = answered.unclear;
    ended = await send(next, next + 5);
    if (ended.status === "sent") ended = await send(next + 6, next + 11);
    expect(ended).toMatchObject({ status: "blocked", code: "mails_unsettled" });
    expect(answered.unclear - before).toBeLessThanOrEqual(4);
    // Mended: what was unclear before holds nobody up.
    receiver.isOut = false;
    for (let from = 150; from < 174; from += 6)
      expect(await send(from, from + 5)).toMatchObject({ status: "sent", waitMs: 0 });
  });
});

const UNCLEAR = unsettledBy("http_500");
const CLEAR = { kind: "created", destinationId: "reset" } as const;
const last = (...unclear: boolean[]) => unclear.map((isUnclear, ordinal) => ({ ordinal, isUnclear }));

test("answers of earlier batches count, and stop nobody before one more is unclear", () => {
  const ten = last(...Array.from({ length: 40 }, (_, index) => index % 4 === 1));
  const answers = new ClearAnswers(ten);
  expect(answers.trouble()).toBeNull();
  answers.note(CLEAR);
  expect(answers.trouble()).toBeNull();
  // Of a doubt that the destination's record does not tell of.
  answers.noteSettled(UNCLEAR);
  expect(answers.trouble()).toMatchObject({ kind: "held" });
  // What a dead worker left tells nothing of answers.
  const others = new ClearAnswers(ten);
  others.noteSettled({ kind: "skipped", reason: "unsettled" });
  expect(others.trouble()).toBeNull();
});

test("a person is called for by the last fifty mails, and one goes out first after that", () => {
  const eleven = last(true, ...Array.from({ length: 49 }, (_, index) => index % 4 === 3 && index < 40));
  expect(tooUnclear(eleven)?.sentence).toContain("(11 of the last 50)");
  expect(isProbe(eleven)).toBe(true);
  // One went out clearly since.
  expect(isProbe(last(false, ...eleven.map(({ isUnclear }) => isUnclear)))).toBe(false);
  expect(tooUnclear(eleven.slice(1))).toBeNull();
});

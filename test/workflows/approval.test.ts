import { expect, test } from "vitest";
import type { BeforeApproval, FirstMail } from "../../src/domain/contract.ts";
import { fateOf } from "../../src/domain/outcomes.ts";
import { approvalSentence } from "../../src/workflows/approval.ts";

const MAILED: FirstMail = { sub: "a", outcome: "mailed", reason: null };
const REFUSED: FirstMail = { sub: "b", outcome: "failed", reason: "user_missing" };
const UNCLEAR: FirstMail = { sub: "c", outcome: "failed", reason: "no_clear_answer" };
const UNSETTLED: FirstMail = { sub: "d", outcome: "unsettled", reason: "unsettled" };
const SKIPPED: FirstMail = { sub: "e", outcome: "not_mailed", reason: "moved_by_bridge" };
const OPEN: FirstMail = { sub: "f", outcome: "open", reason: null };

function sentence(change: Partial<BeforeApproval>): string {
  return approvalSentence({ first: [], isLater: false, cannotKnow: null, ...change });
}

test.each<[string, readonly FirstMail[], RegExp]>([
  ["one was mailed", [MAILED], /^The first person was mailed\. Look whether .*; then approve the others:$/],
  ["all were mailed", [MAILED, MAILED, MAILED], /^The first 3 people were mailed\. Look whether/],
  [
    "each as it ended",
    [MAILED, REFUSED, UNCLEAR, UNSETTLED, SKIPPED, OPEN, MAILED],
    /^Of the first 7 people 2 were mailed, 1 was refused, 2 may or may not have been mailed, 1 gets no mail and 1 is still to be mailed\. Look whether/,
  ],
  [
    "none was mailed",
    [REFUSED, SKIPPED],
    /^Of the first 2 people nobody was mailed: 1 was refused and 1 gets no mail\. So nobody has seen a mail; .*although it is so:$/,
  ],
  ["the only one was refused", [REFUSED], /^Nobody was mailed: the first person was refused\. So nobody/],
  [
    "of the only one nobody knows",
    [UNSETTLED],
    /^Nobody can tell whether the first person was mailed\. So nobody has seen a mail/,
  ],
  [
    "of one of them nobody knows, and the other was refused",
    [REFUSED, UNCLEAR],
    /^Of the first 2 people none was mailed for certain: 1 was refused and 1 may or may not have been mailed\./,
  ],
  ["the file wants none", [], /^Nobody has been mailed yet\. See to it .*; then approve the mails:$/],
])("of the first ones, %s", (_, first, text) => {
  expect(sentence({ first })).toMatch(text);
});

test("a later run says that earlier ones mailed people", () => {
  expect(sentence({ isLater: true })).toMatch(
    /^This run has mailed nobody yet; earlier runs have mailed people\./,
  );
});

test("of own mails an approval says what has to be turned off at the destination", () => {
  expect(sentence({ first: [MAILED], areOwn: true })).toMatch(
    /reset mails have to be turned off there, or everybody gets two\./,
  );
  expect(sentence({ first: [MAILED], areOwn: false })).not.toMatch(/turned off/);
});

const AHEAD = { mails: 1_197, lastAt: "Tue 2026-12-08 14:00 UTC", pace: "1 mail/s", before: 0 };

test("an approval says how many it mails, until about when, and how many were mailed before", () => {
  expect(sentence({ first: [MAILED], ahead: AHEAD })).toMatch(
    /^The first person was mailed\. An approval mails 1,197 people, the last of them about Tue 2026-12-08 14:00 UTC \(1 mail\/s\)\. Look whether/,
  );
  expect(sentence({ isLater: true, ahead: { ...AHEAD, mails: 1, before: 1_203 } })).toMatch(
    /^This run has mailed nobody yet\. An approval mails 1 person, the last of them .* 1,203 were mailed before this run and get no other one\. See to it/,
  );
});

test("an approval's end is told with the time from which it was counted", () => {
  const ahead = { ...AHEAD, ifAt: "Tue 2026-12-08 13:40 UTC" };
  expect(sentence({ first: [MAILED], ahead })).toContain(
    "the last of them about Tue 2026-12-08 14:00 UTC (1 mail/s) if it is given at Tue 2026-12-08 13:40 UTC.",
  );
});

test("whom the file names first, and an earlier run has mailed, is not told as new", () => {
  const earlier = { ...MAILED, isEarlier: true } as const;
  expect(sentence({ first: [earlier, OPEN], isLater: true })).toBe(sentence({ isLater: true }));
  expect(fateOf(earlier)).toBe("mailed, before this run");
});

test("what cannot be known stands before what to do", () => {
  const text = sentence({ first: [MAILED], cannotKnow: "Nobody knows who was mailed before." });
  expect(text).toMatch(/^The first person was mailed\. Nobody knows who was mailed before\. Look whether/);
});

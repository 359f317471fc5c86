import { expect, test } from "vitest";
import type { Person } from "../../src/commands/person.ts";
import { storyText } from "../../src/commands/story-text.ts";
import type { BridgeStory } from "../../src/ledger/story.ts";

const BRIDGE: BridgeStory = {
  ...{ hasMadeAccount: false, provenAtMs: null, movedAtMs: null, openMoves: 0, resetCompletedAtMs: null },
};

function personWith(change: Partial<Person> = {}, bridge: Partial<BridgeStory> = {}): Person {
  const outcome = { sub: "sub-a", outcome: "imported", reason: null } as const;
  return {
    story: {
      ...{ sub: "sub-a", source: null, decision: null, account: null, takenBack: null },
      ...{ memberships: [], mails: [], items: [], cluster: { size: 1, others: [] } },
      outcome: { ...outcome, destinationId: "user_1", mergedInto: null },
      bridge: { ...BRIDGE, ...bridge },
    },
    ...{ listing: "listed", explanation: "", inFile: null, memberships: [], mail: null, way: null },
    ...{ failures: [], differences: [], next: [] },
    fields: { written: [], otherThanPlanned: [] },
    ...change,
  };
}

const WIDE = 400;
const textOf = (change: Partial<Person>, bridge: Partial<BridgeStory> = {}) =>
  storyText(personWith(change, bridge), WIDE);
const SETTLED_MS = Date.parse("2026-01-05T09:00:00Z");

test("whoever has nothing to do with bridge and mails reads nothing of them", () => {
  expect(textOf({})).toBe("sub             sub-a\noutcome         imported\nwhat to do      nothing");
});

test("somebody whose provider does not come along is not sent to it", () => {
  const mail = { outcome: "not_mailed", reason: "federated", settledAtMs: null } as const;
  expect(textOf({ mail, way: "provider" })).toContain("They sign in with their provider, as before.");
  const text = textOf({ mail, way: "email" });
  expect(text).toContain("Their provider does not come along. They sign in by e-mail: ");
  expect(text).not.toContain("as before");
});

test("somebody whose password came over the bridge reads that, and why there is no mail", () => {
  const mail = { outcome: "not_mailed", reason: "moved_by_bridge", settledAtMs: null } as const;
  const text = textOf({ mail }, { movedAtMs: SETTLED_MS, openMoves: 1 });
  expect(text).toContain("bridge          brought the password along at a sign-in\n");
  expect(text).toMatch(/reset mail +not_mailed: moved_by_bridge\n.*Signed in over the bridge/);
  expect(text).not.toContain("in doubt");
});

test("a password that may have come along is told as a doubt", () => {
  expect(textOf({}, { openMoves: 2 })).toMatch(
    /in doubt +2 tries of which nobody knows whether the password/,
  );
});

test.each([
  [{ outcome: "mailed", reason: null }, "mailed", /One mail is out, .* "forgot password"/],
  [
    { outcome: "unsettled", reason: "unsettled" },
    "unsettled",
    /Nobody can tell whether the mail went out: .* never sent again\. Ask them whether it came\. .*"forgot password"/,
  ],
  [
    { outcome: "failed", reason: "user_missing" },
    "failed: user_missing",
    /nothing was mailed; `\.\/spillway explain CODE` tells what its code means\. The next run tries once more/,
  ],
  [
    { outcome: "failed", reason: "no_clear_answer" },
    "failed: no_clear_answer",
    /The mail may be out: .* The next run looks for it once more and sends no other one\. Ask the person/,
  ],
  [{ outcome: "open", reason: null }, "open", /Their turn has not come yet/],
] as const)("a reset mail tells how it ended, what comes next and what to do: %j", (mail, fate, meaning) => {
  const text = textOf({ mail: { ...mail, settledAtMs: null } });
  expect(text).toContain(`reset mail      ${fate}\n`);
  expect(text).toMatch(meaning);
});

test("of a mail its time is told, and what the one who sends it said", () => {
  const mail = { outcome: "failed", reason: "smtp_550", settledAtMs: SETTLED_MS } as const;
  const failure = { phase: "resets", what: "the reset mail", state: "failed", attempts: 2 } as const;
  const text = textOf({ mail, failures: [{ ...failure, code: "smtp_550", message: "No such mailbox." }] });
  expect(text).toContain("tried at        2026-01-05T09:00:00.000Z\n");
  expect(text).toMatch(/failed +the reset mail: smtp_550, after 2 attempts\n +No such mailbox\.$/);
});

test("somebody whose turn came without a mail is not told to have one at that time", () => {
  const text = textOf({ mail: { outcome: "not_mailed", reason: "asked_already", settledAtMs: SETTLED_MS } });
  expect(text).toContain("held back at    2026-01-05T09:00:00.000Z");
  expect(text).not.toContain("mail at");
});

test.each([60, 80, 200])(
  "an explanation is no wider than %i columns, and stands beside the names",
  (columns) => {
    const mail = { outcome: "unsettled", reason: "unsettled", settledAtMs: null } as const;
    const lines = storyText(personWith({ mail, explanation: "Why. ".repeat(50) }), columns).split("\n");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
    const first = lines.findIndex((line) => line.includes("Nobody can tell"));
    expect(lines[first]).toMatch(/^ {16}\S/);
  },
);

test("what the destination does not hold as it was written is told with what helps", () => {
  const differences = [
    { kind: "user", key: "sub-a", difference: "differs", field: "first_name", whatToDo: "Look." },
    { kind: "membership", key: "sub-a acme", difference: "missing", field: "", whatToDo: "Make it." },
  ] as const;
  const text = textOf({ differences: [...differences] });
  expect(text).toMatch(/differs +the account holds another first_name than was written\n +Look\./);
  expect(text).toMatch(/differs +the membership of acme is missing\n +Make it\./);
});

test("of many groups the first are named, and the others counted", () => {
  const source = {
    ...{ username: null, status: "CONFIRMED", enabled: true, emailVerified: true, hasPassword: true },
    ...{ createdAtMs: 1, changedAtMs: 1, providers: [], generation: 1 },
    groups: Array.from({ length: 100 }, (_, at) => `group  ${at}`),
  };
  const person = personWith();
  const text = storyText({ ...person, story: { ...person.story, source } }, 80);
  expect(text).toContain("groups          group  0\n                group  1\n");
  expect(text).toContain("… and 80 more");
});

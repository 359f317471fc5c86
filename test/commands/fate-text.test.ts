import { expect, test } from "vitest";
import { fateText, type PersonFate } from "../../src/commands/fate-text.ts";

const FATE: PersonFate = {
  sub: "sub-a",
  username: null,
  outcome: "imported",
  reason: null,
  destinationId: "user_1",
  mergedInto: null,
  status: "CONFIRMED",
  enabled: true,
  emailVerified: true,
  item: null,
  placed: null,
  movedByBridge: false,
  differences: [],
  resetMail: null,
};

const WIDE = 400;
const MAIL = { settledAtMs: null, message: null };

test("whoever has nothing to do with bridge and mails reads nothing of them", () => {
  expect(fateText(FATE, WIDE)).not.toMatch(/bridge|mail {2}/);
});

test("somebody whose password came over the bridge reads that, and why there is no mail", () => {
  const resetMail = { ...MAIL, outcome: "not_mailed", reason: "moved_by_bridge" } as const;
  const text = fateText({ ...FATE, movedByBridge: true, resetMail }, WIDE);
  expect(text).toContain("bridge          brought the password along at a sign-in\n");
  expect(text).toMatch(/reset mail +not_mailed: moved_by_bridge\n.*Signed in over the bridge/);
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
    /nothing was mailed; docs\/outcomes\.md explains the code\. The next run tries once more/,
  ],
  [
    { outcome: "failed", reason: "no_clear_answer" },
    "failed: no_clear_answer",
    /The mail may be out: .* The next run looks for it once more and sends no other one\. Ask the person/,
  ],
  [{ outcome: "open", reason: null }, "open", /Their turn has not come yet/],
] as const)("a reset mail tells how it ended, what comes next and what to do: %j", (mail, fate, meaning) => {
  const text = fateText({ ...FATE, resetMail: { ...MAIL, ...mail } }, WIDE);
  expect(text).toContain(`reset mail      ${fate}\n`);
  expect(text).toMatch(meaning);
});

test("of a mail its time is told, and what the one who sends it said", () => {
  const resetMail = {
    ...({ outcome: "failed", reason: "smtp_550" } as const),
    settledAtMs: Date.parse("2026-01-05T09:00:00Z"),
    message: "No such mailbox.",
  };
  const text = fateText({ ...FATE, resetMail }, WIDE);
  expect(text).toContain("tried at        2026-01-05T09:00:00.000Z\n");
  expect(text).toContain("mail message    No such mailbox.\n");
});

test("somebody whose turn came without a mail is not told to have one at that time", () => {
  const settledAtMs = Date.parse("2026-01-05T09:00:00Z");
  const resetMail = { ...MAIL, outcome: "not_mailed", reason: "asked_already", settledAtMs } as const;
  const text = fateText({ ...FATE, resetMail }, WIDE);
  expect(text).toContain("held back at    2026-01-05T09:00:00.000Z\n");
  expect(text).not.toContain("mail at");
});

test("an explanation is as wide as the terminal, and stands beside the names", () => {
  const resetMail = { ...MAIL, outcome: "unsettled", reason: "unsettled" } as const;
  const lines = fateText({ ...FATE, resetMail }, 80).split("\n");
  const first = lines.findIndex((line) => line.includes("Nobody can tell"));
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(lines[first + 1]).toMatch(/^ {16}\S/);
});

test("what the destination does not hold as it was written is told with the person", () => {
  const differences = [
    { kind: "user", key: "sub-a", difference: "differs", field: "first_name" },
    { kind: "membership", key: "sub-a acme", difference: "missing", field: "" },
  ] as const;
  const text = fateText({ ...FATE, differences }, WIDE);
  expect(text).toContain("at destination  the account holds another first_name than was written\n");
  expect(text).toContain("Change it back where it is wrong");
  expect(text).toContain("at destination  the membership of acme is missing");
});

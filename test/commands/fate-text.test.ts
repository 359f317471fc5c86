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
  resetMail: null,
};

test("whoever has nothing to do with bridge and mails reads nothing of them", () => {
  expect(fateText(FATE)).not.toMatch(/bridge|mail {2}/);
});

test("somebody whose password came over the bridge reads that, and why there is no mail", () => {
  const text = fateText({
    ...FATE,
    movedByBridge: true,
    resetMail: { outcome: "not_mailed", reason: "moved_by_bridge" },
  });
  expect(text).toContain("bridge          brought the password along at a sign-in\n");
  expect(text).toMatch(/reset mail +not_mailed: moved_by_bridge\n.*Signed in over the bridge/);
});

test.each([
  [{ outcome: "mailed", reason: null }, "mailed"],
  [{ outcome: "unsettled", reason: "unsettled" }, "unsettled"],
  [{ outcome: "failed", reason: "user_missing" }, "failed: user_missing"],
] as const)("a reset mail is told by how it ended: %j", (resetMail, expected) => {
  expect(fateText({ ...FATE, resetMail })).toContain(`reset mail      ${expected}\n`);
});

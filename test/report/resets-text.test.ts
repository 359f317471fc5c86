import { expect, test } from "vitest";
import { finding, sentenceOf } from "../../src/domain/findings.ts";
import { plannedMailsText, resetsText } from "../../src/report/resets-text.ts";

const NONE = { mailed: 0, unsettled: 0, failed: 0, open: 0, notMailed: [] };

test("a report without reset mails says nothing of them", () => {
  expect(resetsText(NONE)).toBeNull();
});

test("a report counts reset mails by how they ended, and why people got none", () => {
  const notMailed = [
    { reason: "federated", people: 40 },
    { reason: "unverified", people: 4 },
  ];
  expect(resetsText({ ...NONE, mailed: 1_200, failed: 3, notMailed })?.split("\n")).toEqual([
    "Reset mails of all runs, by everybody with an account (resets.csv tells each):",
    "  1,200  mailed",
    "      3  failed",
    "     44  not mailed",
    "       40  federated",
    "        4  unverified",
  ]);
});

test("after a dry run the report tells whom the plan would mail", () => {
  const draft = finding("reset_mails", { mailed: 82, before: 3, others: [["federated", 5]] });
  const found = { ...draft, phase: "plan", sentence: sentenceOf(draft) };
  expect(plannedMailsText([found])).toBe(
    "82 people get a reset mail; not: 5 federated. Earlier runs have mailed 3 others.",
  );
  expect(sentenceOf(finding("reset_mails", { mailed: 40, before: 0, others: [] }))).toBe(
    "40 people get a reset mail.",
  );
  expect(plannedMailsText([])).toBeNull();
});

import { expect, test } from "vitest";
import { doneText } from "../../src/commands/done-text.ts";
import type { MailsOfRun } from "../../src/domain/contract.ts";

const PEOPLE = { listed: 300, imported: 250, merged: 20, skipped: 24, failed: 6, open: 0 };

test("the last line of a run counts how everyone ended", () => {
  expect(doneText(PEOPLE)).toBe("Done: of 300 users, 250 imported, 20 merged, 24 skipped, 6 failed.");
  expect(doneText({ ...PEOPLE, dryRun: false, resets: null })).toBe(doneText(PEOPLE));
});

test("a run says in a word whether the destination holds what was written", () => {
  expect(doneText({ ...PEOPLE, differences: 0 })).toMatch(
    /\nVerified: the destination holds what was written\.$/,
  );
  expect(doneText({ ...PEOPLE, differences: 1_200 })).toMatch(
    /\nDiffers: 1,200 differences .+ names each\.$/,
  );
  expect(doneText({ ...PEOPLE, differences: null })).toBe(doneText(PEOPLE));
});

test("a run and a plan end with what is left to a person", () => {
  const left = { undecided: 3, otherAddresses: 1, disabledSince: 2 };
  for (const dryRun of [false, true]) {
    expect(
      doneText({ ...PEOPLE, dryRun, ...left })
        .split("\n")
        .slice(-3),
    ).toEqual([
      expect.stringMatching(/^A person has to decide about 3 accounts, which stay out/),
      expect.stringMatching(/^A person has to decide about 1 account with another address/),
      expect.stringMatching(/^Disabled in Cognito since the import: 2 people, whose accounts still work\./),
    ]);
    expect(doneText({ ...PEOPLE, dryRun, disabledSince: 0 })).toBe(doneText({ ...PEOPLE, dryRun }));
  }
});

const MAILS: MailsOfRun = { mailed: 0, unsettled: 0, failed: [], heldBack: [], notDue: [], before: 0 };
const WHERE = "`./spillway explain WORD` tells what a word means and what these people do.";

test("a run that mails tells each reason with its count, and where to look", () => {
  const mails = {
    mailed: 1_200,
    unsettled: 2,
    failed: [
      { reason: "user_missing", people: 2 },
      { reason: "conflict", people: 1 },
    ],
    heldBack: [
      { reason: "moved_by_bridge", people: 41 },
      { reason: "changed_in_cognito", people: 1 },
    ],
    notDue: [
      { reason: "federated", people: 1_030 },
      { reason: "not_confirmed", people: 4 },
    ],
    before: 700,
  };
  expect(
    doneText({ ...PEOPLE, mails })
      .split("\n")
      .slice(1),
  ).toEqual([
    "Reset mails of this run: 1,200 sent, 2 unsettled (may be out, never sent again), 3 failed (2 user_missing, 1 conflict), 42 held back (41 moved_by_bridge, 1 changed_in_cognito).",
    "Mailed by earlier runs, and not again: 700.",
    "By the rules no mail for 1,034: 1,030 federated, 4 not_confirmed.",
    WHERE,
  ]);
  expect(
    doneText({ ...PEOPLE, mails: { ...MAILS, mailed: 3 } })
      .split("\n")
      .slice(1),
  ).toEqual(["Reset mails of this run: 3 sent.", WHERE]);
});

test("a run whose mails went by an earlier approval says so", () => {
  expect(doneText({ ...PEOPLE, mails: { ...MAILS, mailed: 3, approvedEarlier: true } })).toContain(
    "3 sent.\nThey went by the approval of an earlier run, which covered them.\n",
  );
});

test("a redrive counts its mails together with those of its run", () => {
  const redrive = { mode: "redrive", ledgerId: "ledger", environment: "client_01", tried: 52 } as const;
  const mails = { ...MAILS, mailed: 30 };
  const text = doneText({ ...redrive, changed: 0, failed: 0, people: PEOPLE, mails, differences: 0 });
  expect(text.split("\n").slice(-2)).toEqual(["Reset mails of the run and of this redrive: 30 sent.", WHERE]);
});

test("a dry run says how many would be mailed, and why others not", () => {
  const dry = { ...PEOPLE, open: 276, dryRun: true, resets: null };
  const mails = { ...MAILS, mailed: 200, notDue: [{ reason: "federated", people: 76 }] };
  expect(
    doneText({ ...dry, mails })
      .split("\n")
      .slice(1),
  ).toEqual(["Reset mails: 200 would be sent.", "By the rules no mail for 76: 76 federated.", WHERE]);
  expect(doneText({ ...dry, mails: null })).not.toContain("mail");
});

test("a dry run says that it was one, and counts what would be", () => {
  const dry = { ...PEOPLE, imported: 0, merged: 0, failed: 0, open: 276, dryRun: true, resets: null };
  expect(doneText(dry)).toBe(
    "The dry run is done, and nothing was written: of 300 users, 276 would be imported or merged, 24 would be skipped.",
  );
  expect(doneText({ ...dry, blockers: 0 })).toBe(doneText(dry));
  expect(doneText({ ...dry, imported: 10, failed: 1 })).toContain("1 would fail, 10 came with earlier runs");
});

test("a dry run says how many findings would stop a run, and where they stand", () => {
  const dry = { ...PEOPLE, open: 276, dryRun: true, resets: null };
  expect(doneText({ ...dry, blockers: 2 })).toMatch(
    /\nA run would stop at 2 findings before that: .*"blocker" .* summary\.json/,
  );
  expect(doneText({ ...dry, blockers: 1 })).toContain("at 1 finding before");
  expect(doneText({ ...PEOPLE, blockers: 1 })).not.toContain("stop");
});

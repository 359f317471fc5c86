import { expect, test } from "vitest";
import { doneText } from "../../src/commands/done-text.ts";

const PEOPLE = { listed: 300, imported: 250, merged: 20, skipped: 24, failed: 6, open: 0 };

test("the last line of a run counts how everyone ended", () => {
  expect(doneText(PEOPLE)).toBe("Done: of 300 users, 250 imported, 20 merged, 24 skipped, 6 failed.");
  expect(doneText({ ...PEOPLE, dryRun: false, resets: null })).toBe(doneText(PEOPLE));
});

test("a run that mails tells of its mails", () => {
  const resets = { done: 1_200, skipped: 44, failed: 3, of: 1_247 };
  expect(doneText({ ...PEOPLE, resets })).toMatch(
    /\nReset mails of this run: 1,200 sent, 44 unsettled or not due, 3 failed\. .* the report counts\.$/,
  );
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

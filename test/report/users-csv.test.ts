import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import { fillCsv } from "../../src/report/files.ts";
import { addUser, USER_COLUMNS } from "../../src/report/users-csv.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

async function csvOf(...users: UserOutcome[]): Promise<string[]> {
  const path = join(freshFolder(), "users.csv");
  await fillCsv(path, USER_COLUMNS, async (file) => {
    for (const user of users) await addUser(file, user, "run");
  });
  return readFileSync(path, "utf8").trimEnd().split("\n");
}

const imported: UserOutcome = {
  sub: "4f1c",
  outcome: "imported",
  reason: null,
  destinationId: "user_01",
  mergedInto: null,
};

test("an imported user is one line with their account", async () => {
  expect((await csvOf(imported))[1]).toBe("4f1c,imported,,user_01,,,run");
});

test("a skipped user is explained", async () => {
  const [, line] = await csvOf({ ...imported, outcome: "skipped", reason: "no_email", destinationId: null });
  expect(line).toMatch(/^4f1c,skipped,no_email,,,"?The user has no e-mail address/);
});

test("a code of the destination's that is no reason of ours is left to its own words", async () => {
  const [, line] = await csvOf({ ...imported, outcome: "failed", reason: "constructor" });
  expect(line).toMatch(/^4f1c,failed,constructor,user_01,,"?The destination did not take the user/);
});

test("what a spreadsheet would calculate becomes text", async () => {
  for (const sign of ["=", "+", "-", "@"]) {
    const [, line] = await csvOf({ ...imported, sub: `${sign}HYPERLINK(1)` });
    expect(line).toMatch(new RegExp(`^'\\${sign}HYPERLINK`));
  }
});

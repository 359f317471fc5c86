import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import { fillCsv } from "../../src/report/files.ts";
import { addUser, USER_COLUMNS } from "../../src/report/users-csv.ts";
import { csvRows } from "../../src/tokens/csv.ts";
import { idMapFromCsv } from "../../src/tokens/index.ts";
import { freshFolder } from "../setup/fresh-folder.ts";

const USERS: UserOutcome[] = [
  { sub: "imported", outcome: "imported", reason: null, destinationId: "user_01", mergedInto: null },
  {
    sub: "merged",
    outcome: "merged",
    reason: "same_email",
    destinationId: "user_01",
    mergedInto: "imported",
  },
  { sub: "skipped", outcome: "skipped", reason: "no_email", destinationId: null, mergedInto: null },
  { sub: "open", outcome: "open", reason: null, destinationId: null, mergedInto: null },
  { sub: 'a "quoted", sub', outcome: "imported", reason: null, destinationId: "user_02", mergedInto: null },
];

async function reportOf(users: readonly UserOutcome[]): Promise<string> {
  const path = join(freshFolder(), "users.csv");
  await fillCsv(path, USER_COLUMNS, async (file) => {
    for (const user of users) await addUser(file, user, "run");
  });
  return path;
}

function fileOf(text: string): string {
  const path = join(freshFolder(), "users.csv");
  writeFileSync(path, text);
  return path;
}

test("a report's users.csv leads from sub to account", async () => {
  const idOf = await idMapFromCsv(await reportOf(USERS));
  expect(await idOf("imported")).toBe("user_01");
  expect(await idOf("merged")).toBe("user_01");
  expect(await idOf('a "quoted", sub')).toBe("user_02");
});

test("who was not moved, or is not in the report, has no account", async () => {
  const idOf = await idMapFromCsv(await reportOf(USERS));
  for (const sub of ["skipped", "open", "unknown", "", "cognito_sub", "__proto__"])
    expect(await idOf(sub)).toBeNull();
});

test("an id map names nobody but those who have moved", async () => {
  const idOf = await idMapFromCsv(
    fileOf("cognito_sub,destination_id,how\na,user_1,created\nb,user_1,merged\n"),
  );
  expect(await idOf("a")).toBe("user_1");
  expect(await idOf("b")).toBe("user_1");
  expect(await idOf("c")).toBeNull();
});

test("an account that failed counts as none, although it has an id", async () => {
  const idOf = await idMapFromCsv(
    fileOf("destination_id,outcome,cognito_sub\nuser_1,failed,a\nuser_2,imported,b\n"),
  );
  expect(await idOf("a")).toBeNull();
  expect(await idOf("b")).toBe("user_2");
});

test("a file that is no report is refused", async () => {
  await expect(idMapFromCsv(fileOf("sub,id\na,b\n"))).rejects.toThrow("has no column cognito_sub");
  await expect(idMapFromCsv(fileOf(""))).rejects.toThrow("is empty");
  await expect(idMapFromCsv(join(freshFolder(), "users.csv"))).rejects.toThrow("ENOENT");
});

test.each([
  { name: "line ends of Windows", text: 'a,b\r\n1,"2"\r\n', expected: "a|b/1|2" },
  { name: "no line end at the end", text: "a\nb", expected: "a/b" },
  { name: "empty last fields", text: "a,\nb,", expected: "a|/b|" },
  { name: "quotes, commas and lines in quotes", text: '"a""b","c,d","e\nf"\n', expected: 'a"b|c,d|e\nf' },
])("CSV with $name is read in pieces of any size", async ({ text, expected }) => {
  for (let size = 1; size <= text.length; size += 1) {
    const rows: string[] = [];
    for await (const row of csvRows(inPieces(text, size))) rows.push(row.join("|"));
    expect(rows.join("/")).toBe(expected);
  }
});

async function* inPieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

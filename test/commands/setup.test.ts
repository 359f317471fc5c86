import { expect, test } from "vitest";
import { sqlitePath } from "../../src/commands/setup.ts";

test("a SQLite ledger's path ends before its options", () => {
  expect(sqlitePath("sqlite:/data/spillway.db?max_page_count=500")).toBe("/data/spillway.db");
  expect(sqlitePath("sqlite:spillway.db")).toBe("spillway.db");
  expect(sqlitePath("postgres://host/database")).toBeNull();
});

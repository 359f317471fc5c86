import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseFile } from "../domain/parse-file.ts";

const EXAMPLES = join(import.meta.dirname, "../../examples");
const files = readdirSync(EXAMPLES).filter((name) => name.endsWith(".json"));

test("there are examples", () => {
  expect(files.length).toBeGreaterThan(2);
});

test.each(files)("the example %s is a migration file", (name) => {
  const parsed = parseFile(JSON.parse(readFileSync(join(EXAMPLES, name), "utf8")));
  expect(parsed).toMatchObject({ ok: true });
});

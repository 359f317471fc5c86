import { expect, test } from "vitest";
import { REFUSALS } from "../../src/tokens/index.ts";
import { codeRows, section } from "../docs/pages.ts";

test("every reason for a refusal stands with its meaning, and no other does", () => {
  const rows = codeRows(section("docs/cutover.md", "Why a token is refused"));
  expect([...rows.keys()]).toEqual(Object.keys(REFUSALS));
  for (const [reason, meaning] of Object.entries(REFUSALS)) expect(rows.get(reason)).toContain(meaning);
});

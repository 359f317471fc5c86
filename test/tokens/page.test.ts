import { expect, test } from "vitest";
import { REFUSALS } from "../../src/tokens/index.ts";
import { section } from "../docs/pages.ts";

test("every reason for a refusal is named, and no other is", () => {
  const [list = ""] = section("docs/cutover.md", "Why a token is refused").split(
    ": the package's `REFUSALS`",
  );
  expect([...list.matchAll(/`(\w+)`/g)].map(([, reason]) => reason)).toEqual(Object.keys(REFUSALS));
});

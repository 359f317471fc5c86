import { expect, test } from "vitest";
import { failureSentence } from "../../src/destinations/failure-sentence.ts";
import { VENDORS } from "../../src/destinations/registry.ts";

test.each(VENDORS)("a refusal of $name without words of its own is told by its code", (vendor) => {
  const sentence = failureSentence(vendor, { ok: false, problem: "access_lost", code: "constructor" });
  expect(sentence).toBe(`${vendor.name} refuses the access (constructor); check ${vendor.settings.access}.`);
});

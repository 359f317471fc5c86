import { expect, test } from "vitest";
import { PLACED_KINDS } from "../../src/domain/books.ts";
import type { FoundDifference } from "../../src/ledger/differences.ts";
import { adviceOn } from "../../src/report/difference-advice.ts";

/** What mends each difference, in the words of differences.csv and of lookup. */

const DIFFERENCES = ["missing", "surplus", "differs", "unreadable"] as const;

const KNOWN = new Set(["sub-a", "-rf; ls"]);

function advice(found: Partial<FoundDifference>): string {
  return adviceOn({ kind: "user", key: "sub-a", difference: "differs", field: "", ...found }, KNOWN);
}

test.each(PLACED_KINDS)("each difference of kind %s says what to do there", (kind) => {
  for (const difference of DIFFERENCES) {
    const text = advice({ kind, key: "sub-a acme", difference });
    expect(text).toMatch(/\bthere\b|Nobody here/);
    expect(text).toMatch(/(Make|Set|Add|make|set|add|Remove|Change|Look|Put|Take|Give) /);
  }
});

test("a person is named by the command that shows them, an odd sub as a shell reads it", () => {
  expect(advice({})).toMatch(/ Who it is: \.\/spillway lookup sub-a$/);
  expect(advice({ kind: "membership", key: "sub-a acme" })).toMatch(/ \.\/spillway lookup sub-a$/);
  expect(advice({ key: "-rf; ls" })).toMatch(/ lookup -- '-rf; ls'$/);
  expect(advice({ kind: "role", key: "editor" })).not.toContain("lookup");
});

test("a member whom nobody here knows is looked up by what the destination calls them", () => {
  expect(advice({ kind: "membership", key: "user_01 acme", difference: "surplus" })).toMatch(
    / Who it is: \.\/spillway lookup --destination-id user_01$/,
  );
});

test("what brings a thing back names the key that it is found by", () => {
  const gone = { difference: "missing" } as const;
  expect(advice({ ...gone, kind: "organization", key: "acme" })).toContain("the same external id");
  expect(advice({ ...gone, kind: "role", key: "editor" })).toContain("the slug editor");
  expect(advice({ ...gone, kind: "application", key: "abc" })).toContain("cognito:abc");
});

test.each([
  [{ kind: "user", field: "external_id" }, "Give it back there"],
  [{ kind: "organization", field: "external_id" }, "Give it back there"],
  [{ kind: "application", field: "description" }, "Put it back at the end of its description"],
  [
    { kind: "application", difference: "surplus", field: "id conn_app_1" },
    "Another application carries the key",
  ],
  [{ kind: "application", difference: "surplus", field: "scope x" }, "Take it out there"],
  [{ kind: "application", difference: "missing", field: "scope x" }, "Put it back there"],
  [{ kind: "application", difference: "missing", field: "client_secret" }, "Make another one there"],
  [{ kind: "connection", field: "state" }, "Turn it on there"],
] as const)("%o has a step of its own", (found, step) => {
  expect(advice(found)).toContain(step);
});

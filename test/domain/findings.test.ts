import { expect, test } from "vitest";
import {
  concerning,
  type Draft,
  FINDINGS,
  type FindingCode,
  type FindingParts,
  finding,
  sentenceOf,
  toldTogether,
} from "../../src/domain/findings.ts";
import { sources, wordsOf } from "../docs/code-words.ts";
import { CODES, SAMPLES } from "./samples.ts";

function sample<Code extends FindingCode>(code: Code, parts: Partial<FindingParts[Code]> = {}): Draft {
  return finding(code, SAMPLES[code] === null ? SAMPLES[code] : { ...SAMPLES[code], ...parts });
}

test.each(CODES)("%s says in short sentences what is so and what to do", (code) => {
  const draft = sample(code);
  expect(draft).toMatchObject({ code, severity: FINDINGS[code].severity });
  expect(draft.subject).not.toBe("");
  const sentence = sentenceOf(draft);
  expect(sentence).toMatch(/^["A-Z0-9].*\.$/);
  // What the file is to hold stands in backticks.
  expect(sentence.replaceAll("`null`", "")).not.toMatch(/undefined|null|\[object|\.\.|\n/);
  expect(sentence.length).toBeLessThan(340);
});

test("nobody but the registry says how serious something is", () => {
  const others = sources(["src/activities", "src/plan", "src/commands", "src/engine", "src/ledger"]);
  for (const text of others) expect(text).not.toMatch(/severity: "\w+",/);
});

test("every kind of the registry is found by somebody", () => {
  const found = wordsOf(["src/activities", "src/plan", "src/commands"], /"(\w+)"/g);
  expect(CODES.filter((code) => !found.includes(code))).toEqual([]);
});

test("a count of people stands behind what is so, and before what to do", () => {
  const draft = concerning(sample("role_slug_conflict"), "7 users, for example a, b");
  expect(sentenceOf(draft)).toBe(
    'The groups "editors" and "Editors!" would both become the role "editors" (it concerns 7 users, for example a, b). Give each its slug in "roles.groups" (the same one, if they are one role) and start again.',
  );
});

test("a name that the pool does not have concerns none of its users", () => {
  const unknown = CODES.filter((code) => code.endsWith("_unknown"));
  expect(unknown).toContain("group_unknown");
  for (const code of unknown) expect(sample(code).concerned, code).toBeNull();
});

test("names of outside hold nothing that a ledger or a screen refuses, and are cut", () => {
  const group = `a\u0000b\u001b[31m\ud800${"c".repeat(300)}`;
  const { what, subject } = sample("group_gone", { group });
  for (const text of [what, subject]) expect(text).not.toMatch(/\p{Cc}|\p{Surrogate}/u);
  expect(what.length).toBeLessThan(200);
});

test("five names are told, and how many more there are", () => {
  const organizations = ["a", "b", "c", "d", "e"];
  expect(sample("organization_refused", { organizations, count: 12 }).what).toBe(
    'The destination would refuse 12 organizations, "a", "b", "c", "d", "e" and 7 more: its name is empty.',
  );
  expect(sample("organization_refused", { organizations: ["a"], count: 1 }).what).toBe(
    'The destination would refuse the organization "a": its name is empty.',
  );
  expect(sample("organization_refused", { organizations: [], count: 2 }).what).toBe(
    "The destination would refuse 2 organizations whose name may be somebody's address or telephone number: its name is empty.",
  );
});

test("an address is told by its place in the file, never repeated", () => {
  expect(sample("people_unknown").what).toBe(
    '"users.decisions" names 7 people whom the pool does not list: "SUB-1" (the sub is sub-1), "ada" (a username; the sub is sub-2), number 3, which may be an address and 4 more.',
  );
});

test("of many sentences the first are told together, each once", () => {
  const drafts = Array.from({ length: 30 }, (_, index) =>
    sample("group_gone", { group: `group ${index % 15}` }),
  );
  const told = toldTogether(drafts);
  expect(told).toContain('"group 9"');
  expect(told).not.toContain('"group 10"');
  expect(told).toMatch(/And 5 more: `\.\/spillway report --out report` lists them all\.$/);
  expect(told.match(/"group 3"/g)).toHaveLength(1);
});

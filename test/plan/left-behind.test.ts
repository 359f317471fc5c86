import fc from "fast-check";
import { expect, test } from "vitest";
import type { Migration } from "../../src/domain/migration.ts";
import type { RecordProblem } from "../../src/domain/records.ts";
import { leftBehind } from "../../src/plan/left-behind.ts";
import { toRecord, withoutFields } from "../../src/plan/record.ts";
import { parseFile } from "../domain/parse-file.ts";

function rulesOf(change: object = {}): Migration {
  const parsed = parseFile({
    source: { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" },
    destination: { kind: "workos" },
    ...change,
  });
  if (!parsed.ok) throw new Error(parsed.sentence);
  return parsed.value;
}

const TOO_LONG: RecordProblem = { attribute: "k", problem: "longer than 600 characters" };

function whyOf(
  rules: Migration,
  own: Record<string, string>,
  standing = own,
  problems: readonly RecordProblem[] = [],
) {
  return Object.fromEntries(
    leftBehind(rules, own, standing, problems).map(({ attribute, why }) => [attribute, why]),
  );
}

test("what nothing uses is left behind with its value", () => {
  const own = {
    sub: "a",
    email: "a@x.io",
    email_verified: "true",
    phone_number: "+31",
    "custom:plan": "gold",
  };
  expect(leftBehind(rulesOf({ attributes: { "custom:plan": "plan" } }), own, own, [])).toEqual([
    { attribute: "phone_number", value: "+31", why: "not_mapped" },
  ]);
});

test("blank values and the list of links are nothing", () => {
  expect(whyOf(rulesOf(), { locale: "", address: " ", identities: "[]" })).toEqual({});
});

test("the whole name counts only without its parts", () => {
  expect(whyOf(rulesOf(), { name: "Ada King" })).toEqual({});
  expect(whyOf(rulesOf(), { name: "Ada King", given_name: " " })).toEqual({});
  expect(whyOf(rulesOf(), { name: "Ada King", given_name: "Ada" })).toEqual({ name: "not_mapped" });
  expect(whyOf(rulesOf({ attributes: { name: "k" } }), { name: "Ada", family_name: "King" })).toEqual({});
});

test("an attribute that the file drops is told apart", () => {
  expect(whyOf(rulesOf({ attributes: { phone_number: null } }), { phone_number: "+31" })).toEqual({
    phone_number: "dropped_by_file",
  });
});

test("an attribute that a join uses comes along though its own mapping is null", () => {
  const rules = rulesOf({ attributes: { a: null }, metadata: { k: { join: ["a", "b"] } } });
  expect(whyOf(rules, { a: "1", b: "2", c: "3" })).toEqual({ c: "not_mapped" });
});

test("the attribute that decides organizations comes along as a membership", () => {
  expect(whyOf(rulesOf({ organizations: { from: "attribute", attribute: "t" } }), { t: "acme" })).toEqual({});
});

test("a refused value is left behind, unless another field holds it", () => {
  const alone = rulesOf({ attributes: { a: "k" } });
  expect(whyOf(alone, { a: "1" }, { a: "1" }, [TOO_LONG])).toEqual({
    a: "over_limit: longer than 600 characters",
  });
  const twice = rulesOf({ attributes: { a: "k" }, metadata: { other: { join: ["a", "b"] } } });
  expect(whyOf(twice, { a: "1" }, { a: "1" }, [TOO_LONG])).toEqual({});
});

test("of a merged person counts what the account that stands for them has", () => {
  const rules = rulesOf({ attributes: { plan: "plan" } });
  const own = { sub: "b", email: "A@x.io", email_verified: "true", plan: "gold", given_name: "Ada" };
  const standing = { sub: "a", email: "a@x.io", plan: "silver", given_name: "Ada" };
  expect(whyOf(rules, own, standing)).toEqual({ plan: "merged" });
  expect(whyOf(rules, own, { ...standing, email: "b@x.io", plan: "gold" })).toEqual({ email: "merged" });
});

test("an attribute named like a part of every object is an attribute like others", () => {
  const own = JSON.parse('{"__proto__":"x","constructor":"y"}') as Record<string, string>;
  expect(leftBehind(rulesOf(), own, own, []).map(({ attribute }) => attribute)).toEqual([
    "__proto__",
    "constructor",
  ]);
});

const NAMES = ["given_name", "family_name", "name", "phone_number", "custom:a", "custom:b"];
const attributes = fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom("", " ", "one", "two words"));
const rules = fc
  .record({
    attributes: fc.dictionary(fc.constantFrom(...NAMES), fc.constantFrom("k1", null), { maxKeys: 1 }),
    metadata: fc.dictionary(
      fc.constantFrom("k2", "k3"),
      fc.record({ join: fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 2, maxLength: 3 }) }),
    ),
  })
  .map(rulesOf);
const problems = fc
  .subarray(["k1", "k2", "k3", "firstName"])
  .map((fields) => fields.map((attribute) => ({ attribute, problem: "not plain ASCII" })));
const UNSEEN = "unseen";

/** What is sent when one attribute has another value. */
function sentWith(file: Migration, own: Record<string, string>, change: object, refused: RecordProblem[]) {
  const record = toRecord("a", { ...own, ...change }, file.attributes, file.metadata);
  return withoutFields(
    record,
    refused.map(({ attribute }) => attribute),
  );
}

test("exactly what comes along would change the record", () => {
  fc.assert(
    fc.property(rules, attributes, problems, (file, own, refused) => {
      const left = whyOf(file, own, own, refused);
      for (const [name, value] of Object.entries(own)) {
        if (value.trim() === "") continue;
        const sent = sentWith(file, own, {}, refused);
        const changed = JSON.stringify(sentWith(file, own, { [name]: UNSEEN }, refused));
        // Half of a whole name is sent where only the first name is refused.
        const isHalved = name === "name" && refused.some(({ attribute }) => attribute === "firstName");
        if (!isHalved) expect(changed !== JSON.stringify(sent)).toBe(left[name] === undefined);
      }
    }),
  );
});

test("what is over a limit would come along without it", () => {
  fc.assert(
    fc.property(rules, attributes, problems, (file, own, refused) => {
      const [withLimits, without] = [whyOf(file, own, own, refused), whyOf(file, own)];
      for (const [name, why] of Object.entries(withLimits))
        expect(without[name]).toBe(why.startsWith("over_limit: ") ? undefined : why);
    }),
  );
});

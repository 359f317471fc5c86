import { expect, test } from "vitest";
import { keptMigration, parseMigration } from "../../src/domain/migration.ts";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { parseFile } from "./parse-file.ts";

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const SMALLEST = { source: SOURCE, destination: { kind: "workos" } };

function sentenceOf(file: unknown): string {
  const parsed = parseFile(file);
  return parsed.ok ? "" : parsed.sentence;
}

test("source and destination are enough", () => {
  expect(parseFile(SMALLEST)).toEqual({
    ok: true,
    value: {
      ...SMALLEST,
      users: {
        disabled: "skip",
        unconfirmed: "import",
        quarantined: "skip",
        onExisting: "skip",
        disabledLater: "report",
        deletedLater: "report",
        changedThere: "keep",
        decisions: {},
      },
      attributes: {},
      metadata: {},
      attributesOverLimit: "refuse",
      organizations: { from: "none", named: {} },
      providers: {},
      clients: {},
      samlEntityId: "keep",
      gate: { firstPollSeconds: 5, lastPollSeconds: 300 },
      passwordResets: {
        send: false,
        delivery: "destination",
        canary: 3,
        perSecond: 1,
        order: "recentFirst",
        unverified: "undecided",
        acceptMfaLoss: false,
        alreadyThere: "skip",
      },
      pace: { writesPerSecond: 45, readsPerSecond: 90, callsPerSecond: 95, pagesPerSecond: 10 },
      dryRun: false,
    },
  });
});

test("a file that names its schema means the same as without", () => {
  expect(parseFile({ $schema: "docs/migration.schema.json", ...SMALLEST })).toEqual(parseFile(SMALLEST));
  expect(sentenceOf({ $schema: 7, ...SMALLEST })).toMatch(/"\$schema": must be a text\.$/);
});

test("a parsed file parses to itself again", () => {
  const parsed = parseFile({ ...SMALLEST, only: { limit: 5 }, attributes: { "custom:plan": "plan" } });
  if (!parsed.ok) throw new Error(parsed.sentence);
  expect(parseFile(JSON.parse(JSON.stringify(parsed.value)))).toEqual(parsed);
});

test.each([
  [{ ...SMALLEST, dryrun: true }, /the file has the unknown key "dryrun"/],
  [{ ...SMALLEST, users: { disable: "skip" } }, /"users" has the unknown key "disable"/],
  [{ ...SMALLEST, destination: { kind: "workos", apiUrl: "http://x" } }, /"destination".*"apiUrl"/],
  [{ ...SMALLEST, pace: { writes: 3 } }, /"pace" has the unknown key "writes"/],
])("an unknown key in %j is named", (file, expected) => {
  expect(sentenceOf(file)).toMatch(expected);
});

test.each([
  [null, /the file: must be an object/],
  ["text", /the file: must be an object/],
  [{}, /"source": is missing: it must be an object/],
  [{ source: SOURCE }, /"destination": /],
  [{ ...SMALLEST, destination: { kind: "elsewhere" } }, /"destination\.kind": .*"workos"/],
  [{ ...SMALLEST, source: { ...SOURCE, region: "Ireland" } }, /"source\.region": must be an AWS region/],
  [{ ...SMALLEST, users: { disabled: "import" } }, /"users\.disabled": .*"skip"/],
  [
    { ...SMALLEST, users: { onExisting: "replace" } },
    /"users\.onExisting": must be one of "skip", "adopt"\./,
  ],
  [
    { ...SMALLEST, users: { decisions: { a: "merge" } } },
    /"users\.decisions\.a": must be one of "import", "skip", "readdress"\./,
  ],
  [{ ...SMALLEST, attributes: { locale: 1 } }, /"attributes\.locale": must be a text/],
  [{ ...SMALLEST, attributes: { locale: "x", zoneinfo: "x" } }, /"attributes": must not map two/],
  [{ ...SMALLEST, pace: { writesPerSecond: 0 } }, /"pace\.writesPerSecond": must be a number above 0/],
  [{ ...SMALLEST, pace: { pagesPerSecond: "10" } }, /"pace\.pagesPerSecond": must be a number/],
  [{ ...SMALLEST, dryRun: "yes" }, /"dryRun": must be true or false/],
  [{ ...SMALLEST, only: { limit: 0 } }, /"only\.limit": must be a whole number above 0\./],
  [{ ...SMALLEST, only: { limit: 2.5 } }, /"only\.limit": must be a whole number above 0\./],
  [{ ...SMALLEST, only: { group: "a", limit: 5 } }, /"only": must be one of/],
  [{ ...SMALLEST, passwordResets: { canary: "3" } }, /"passwordResets\.canary": must be a number or a list/],
  [{ ...SMALLEST, attributes: { "": "x" } }, /"attributes": has a key that must not be empty/],
  [{ ...SMALLEST, only: { subs: [] } }, /"only\.subs": must not be empty/],
])("a wrong value in %j is named", (file, expected) => {
  expect(sentenceOf(file)).toMatch(expected);
  expect(sentenceOf(file)).toMatch(/^The migration file is wrong: [^\n]*\.$/);
});

test.each([
  ["eu-west-1_AbCdEfGhI", true],
  ["us-gov-west-1_123456789", true],
  [`eu-west-1_${"a".repeat(45)}`, true],
  [`eu-west-1_${"a".repeat(46)}`, false],
  ["eu-west-1", false],
  ["eu-west-1_", false],
  ["eu-west-1_a/b", false],
  ["eu-west-1_a\n", false],
  ["", false],
])("the pool id %j is accepted: %j", (userPoolId, accepted) => {
  const sentence = sentenceOf({ ...SMALLEST, source: { ...SOURCE, userPoolId } });
  if (accepted) expect(sentence).toBe("");
  else expect(sentence).toContain('"source.userPoolId"');
});

test.each(["eu-west-1", "us-gov-west-1", "ap-southeast-2", "mx-central-1", "eusc-de-east-1"])(
  "the region %s is accepted",
  (region) => {
    expect(sentenceOf({ ...SMALLEST, source: { ...SOURCE, region } })).toBe("");
  },
);

test("over a thousand decisions are refused", () => {
  const decisions = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`sub-${index}`, "import"]));
  expect(sentenceOf({ ...SMALLEST, users: { decisions: decisions(1_000) } })).toBe("");
  expect(sentenceOf({ ...SMALLEST, users: { decisions: decisions(1_001) } })).toMatch(
    /"users\.decisions": may name at most 1000 people/,
  );
});

test.each([
  ["users.decisions", { users: { decisions: { a: "skip", "ada@example.com": "skip" } } }],
  ["users.decisions", { users: { decisions: { a: "skip", "ada@example.com": "merge" } } }],
  ["users.decisions", { users: { decisions: { a: "skip", [`ada@${"x".repeat(200)}`]: "skip" } } }],
  ["only.subs", { only: { subs: ["a", "ada@example.com"] } }],
  ["passwordResets.canary", { passwordResets: { canary: ["a", "ada@example.com"] } }],
])("somebody who is named by address in %s is told by number, and never repeated", (place, changes) => {
  expect(sentenceOf({ ...SMALLEST, ...changes })).toBe(
    `The migration file is wrong: "${place}": number 2 has an "@", and the file may hold no e-mail address: it stays in Temporal's history; name people by sub.`,
  );
});

const NO_NAME = "a name that nothing in the file can have, whatever is called so in Cognito; take it out.";

test.each([
  ["the file", '"__proto__": {"dryRun": true}'],
  ['"users.decisions"', '"users": {"decisions": {"__proto__": "skip"}}'],
  ['"attributes"', '"attributes": {"__proto__": null}'],
  ['"metadata"', '"metadata": {"plan": {"constant": "x"}, "__proto__": {"constant": "x"}}'],
  [
    '"organizations.named"',
    '"organizations": {"from": "fixed", "organization": "all", "named": {"__proto__": {}}}',
  ],
  ['"roles.groups"', '"roles": {"from": "groups", "groups": {"__proto__": null}}'],
  ['"roles.permissions"', '"roles": {"from": "groups", "permissions": {"__proto__": ["read"]}}'],
  ['"providers"', '"providers": {"__proto__": {"skip": "old"}}'],
  ['"clients"', '"clients": {"__proto__": {"skip": "old"}}'],
  ['"only.subs.1"', '"only": {"subs": ["a", {"__proto__": 1}]}'],
])("the key __proto__ is refused in %s", (place, part) => {
  const file: unknown = JSON.parse(`${JSON.stringify(SMALLEST).slice(0, -1)}, ${part}}`);
  expect(sentenceOf(file)).toBe(`The migration file is wrong: ${place} has the key "__proto__", ${NO_NAME}`);
});

test("an attribute is not mapped to the key __proto__", () => {
  expect(sentenceOf({ ...SMALLEST, attributes: { locale: "__proto__" } })).toBe(
    'The migration file is wrong: "attributes": no metadata key can be called "__proto__"; map to another one.',
  );
});

test("an address hides no other mistake, nor another address", () => {
  const decisions = { "ada@example.com": "merge", b: "merge", "bob@example.com": "skip" };
  const sentence = sentenceOf({
    ...SMALLEST,
    users: { decisions },
    only: { subs: ["c@d"], limit: 1 },
    dryrun: 1,
  });
  expect(sentence).not.toMatch(/example|c@d/);
  for (const told of [
    '"users.decisions": number 1 has an "@"',
    '"users.decisions": number 3 has an "@"',
    '"only.subs": number 1 has an "@"',
    '"users.decisions.b": must be one of',
    '"only": must be one of',
    'has the unknown key "dryrun"',
  ])
    expect(sentence).toContain(told);
});

test("a file that an earlier version took, with an address in it, is still read", () => {
  const kept = keptMigration({ ...SMALLEST, only: { subs: ["ada@example.com"] } });
  expect(kept.only).toEqual({ subs: ["ada@example.com"] });
});

test("the workflow id follows from the pool", () => {
  expect(workflowIdOf("eu-west-1_AbCdEfGhI")).toBe("migrate-eu-west-1_AbCdEfGhI");
});

test("a file of lists in lists is refused", () => {
  const nested: unknown = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`);
  expect(parseFile(nested)).toMatchObject({
    ok: false,
    sentence: expect.stringContaining("nested too deeply"),
  });
});

test("a file over 1.5 MB is refused, whatever is in it", () => {
  const parsed = parseFile({ source: "ü".repeat(750_000) });
  expect(parsed).toMatchObject({ ok: false, sentence: expect.stringContaining("too large: 1.51 MB") });
  expect(parseFile({ source: "ü".repeat(749_000) })).toMatchObject({
    sentence: expect.stringContaining('"source"'),
  });
});

test("what the file says nothing of is at the pace of its destination", () => {
  const pace = { writesPerSecond: 7, readsPerSecond: 8, callsPerSecond: 9, resetsPerSecond: 0.5 };
  const slow = { kind: "slow", facts: { pace } };
  const file = { source: SOURCE, destination: { kind: "slow" }, pace: { readsPerSecond: 2 } };
  expect(parseMigration(file, [slow])).toMatchObject({
    ok: true,
    value: {
      pace: { writesPerSecond: 7, readsPerSecond: 2, callsPerSecond: 9, pagesPerSecond: 10 },
      passwordResets: { perSecond: 0.5 },
    },
  });
  expect(parseMigration(SMALLEST, [slow])).toEqual({
    ok: false,
    sentence: 'The migration file is wrong: "destination.kind": must be "slow".',
  });
});

test("a file that was kept is read with all that it has", () => {
  const parsed = parseFile({ ...SMALLEST, pace: { writesPerSecond: 3 } });
  if (!parsed.ok) throw new Error(parsed.sentence);
  expect(keptMigration(JSON.parse(JSON.stringify(parsed.value)))).toEqual(parsed.value);
});

test("all that is wrong is told at once, and of many mistakes how many more there are", () => {
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
  const file = { source, destination: { kind: "workos" }, userz: 1, rolez: 2, pace: { writesPerSecond: 0 } };
  expect(sentenceOf(file)).toBe(
    'The migration file is wrong: "pace.writesPerSecond": must be a number above 0. The file has the unknown key "userz"; remove it or mend its spelling. The file has the unknown key "rolez"; remove it or mend its spelling.',
  );
  const withKeys = (length: number) =>
    sentenceOf({ ...SMALLEST, ...Object.fromEntries(Array.from({ length }, (_, at) => [`key${at}`, at])) });
  expect(withKeys(25)).toMatch(/"key19"; [^.]+\. And 5 more\.$/);
  // A last one is told: its count would take as much room.
  expect(withKeys(21)).toMatch(/"key20"; remove it or mend its spelling\.$/);
});

import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { expect, test } from "vitest";
import { VENDORS } from "../../src/destinations/registry.ts";
import { migrationSchemaText } from "../../src/domain/migration/json-schema.ts";
import { anyFile } from "./any-file.ts";
import { parseFile } from "./parse-file.ts";

/** The schema that editors check a migration file by, and what takes the file, say the same. */

const ROOT = join(import.meta.dirname, "../..");
const PUBLISHED = join(ROOT, "docs/migration.schema.json");
const SCHEMA = JSON.parse(migrationSchemaText(VENDORS));

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, strictTypes: false });
addFormats.default(ajv);
const holds = ajv.compile(SCHEMA);

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const SMALLEST = { source: SOURCE, destination: { kind: "workos" } };

/** What only the parser says, each with a file that the schema takes. May only shrink. */
const UNSAID: [rule: string, changes: object][] = [
  ["must not map two attributes to one key", { attributes: { a: "x", b: "x" } }],
  [
    'must not name a key that "attributes" maps to',
    { attributes: { a: "x" }, metadata: { x: { constant: "y" } } },
  ],
  ['"firstPollSeconds" must not be more than "lastPollSeconds"', { gate: { firstPollSeconds: 400 } }],
  [
    "must be a time zone such as",
    { passwordResets: { window: { timeZone: "Mars/Olympus", from: "09:00", to: "17:00" } } },
  ],
  ["The migration file is too large", { attributes: { a: "x".repeat(1_500_001) } }],
];

test("the published schema is that of the migration file", () => {
  expect(JSON.parse(readFileSync(PUBLISHED, "utf8"))).toEqual(SCHEMA);
});

const EXAMPLES = join(ROOT, "examples");

test.each(readdirSync(EXAMPLES).filter((name) => name.endsWith(".json")))(
  "the example %s names the schema, and holds to it",
  (name) => {
    const file = JSON.parse(readFileSync(join(EXAMPLES, name), "utf8"));
    expect(resolve(EXAMPLES, file.$schema)).toBe(PUBLISHED);
    expect(holds(file), ajv.errorsText(holds.errors)).toBe(true);
  },
);

test.each(UNSAID)("%s: only the parser says so", (rule, changes) => {
  const file = { ...SMALLEST, ...changes };
  expect(parseFile(file)).toMatchObject({ ok: false, sentence: expect.stringContaining(rule) });
  expect(holds(file), ajv.errorsText(holds.errors)).toBe(true);
});

test("the schema takes what the parser takes, and refuses what it refuses", () => {
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(anyFile(SCHEMA), (file) => {
      const parsed = parseFile(file);
      seen[parsed.ok ? "taken" : "refused"] += 1;
      if (parsed.ok) expect(holds(file), ajv.errorsText(holds.errors)).toBe(true);
      else if (holds(file))
        expect(
          UNSAID.filter(([rule]) => parsed.sentence.includes(rule)),
          parsed.sentence,
        ).not.toEqual([]);
    }),
    { numRuns: 3_000 },
  );
  expect(seen.taken).toBeGreaterThan(300);
  expect(seen.refused).toBeGreaterThan(300);
});

test("both refuse more people than a file may name", () => {
  const decisions = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`sub-${at}`, "import"]));
  const takes = (count: number) => {
    const file = { ...SMALLEST, users: { decisions: decisions(count) } };
    return [parseFile(file).ok, holds(file)];
  };
  expect(takes(1_000)).toEqual([true, true]);
  expect(takes(1_001)).toEqual([false, false]);
});

test("every key tells what it means", () => {
  expect(unexplained(SCHEMA, "")).toEqual([]);
});

test("a key tells its default, also where each destination has its own", () => {
  const { pace, users, passwordResets } = SCHEMA.properties;
  expect(users.properties.unconfirmed.description).toMatch(/ Default: "import"\.$/);
  expect(pace.properties.pagesPerSecond.description).toMatch(/ Default: 10\.$/);
  for (const { name, facts } of VENDORS) {
    const { resetsPerSecond, ...rates } = facts.pace;
    for (const [key, rate] of Object.entries(rates))
      expect(pace.properties[key].description).toContain(`${rate} (${name})`);
    expect(passwordResets.properties.perSecond.description).toContain(`${resetsPerSecond} (${name})`);
  }
});

interface Node {
  description?: string;
  properties?: Record<string, Node>;
  additionalProperties?: Node | boolean;
  anyOf?: Node[];
  oneOf?: Node[];
}

/** Keys without a description. */
function unexplained(node: Node, path: string): string[] {
  const { properties = {}, additionalProperties: others, anyOf = [], oneOf = [] } = node;
  return [
    ...Object.entries(properties).flatMap(([name, part]) => [
      ...(part.description ? [] : [`${path}.${name}`]),
      ...unexplained(part, `${path}.${name}`),
    ]),
    ...[...anyOf, ...oneOf].flatMap((part) => unexplained(part, path)),
    ...(typeof others === "object" ? unexplained(others, `${path}.*`) : []),
  ];
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { page, ROOT, section } from "./pages.ts";
import { brokenRules, importsOf, namersOf, roomOf, roomsOf, type Sources } from "./rooms.ts";

const SOURCE = join(ROOT, "src");
const rooms = roomsOf(section("docs/design.md", "Rooms"));
const paths = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".ts"),
);
const sources: Sources = new Map(paths.map((path) => [path, readFileSync(join(SOURCE, path), "utf8")]));
const vendors = readdirSync(join(SOURCE, "destinations"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** Where a vendor's name has to stand. */
const MAY_NAME = [
  "destinations/registry.ts",
  // Whose tokens the package for applications verifies is what it is about.
  "tokens/answers.ts",
  "tokens/index.ts",
  "tokens/jwt-prover.ts",
  "tokens/options.ts",
  "tokens/verifier.ts",
];

test("every file stands in a room, and every room has files", () => {
  expect(paths.filter((path) => roomOf(path, rooms) === undefined)).toEqual([]);
  const used = new Set(paths.map((path) => roomOf(path, rooms)?.name));
  expect(rooms.map(({ name }) => name).filter((name) => !used.has(name))).toEqual([]);
});

test("a room imports rooms above it only", () => {
  for (const [index, { name, mayImport, mayImportTypesOf }] of rooms.entries()) {
    const above = rooms.slice(0, index).map((room) => room.name);
    const named = [...mayImport, ...mayImportTypesOf].filter((one) => !one.startsWith("../"));
    // A pattern that is no room itself stands for several of them.
    const unknown = named.filter((one) => !above.includes(one) && !one.endsWith("*/"));
    expect(unknown, name).toEqual([]);
  }
});

test("every import is one that the table of rooms allows", () => {
  expect(brokenRules(rooms, sources)).toEqual([]);
});

test.each(vendors)("only its own folder and the registry name %s", (vendor) => {
  const namers = namersOf(vendor, sources).filter((path) => !MAY_NAME.includes(path));
  expect(namers).toEqual([]);
});

test("every file that the page names exists", () => {
  const named = [...page("docs/design.md").matchAll(/`((?:docs|src|test|tools)\/[\w./-]+)`/g)];
  const missing = named.map(([, path = ""]) => path).filter((path) => !existsSync(join(ROOT, path)));
  expect([...new Set(missing)].toSorted()).toEqual([]);
});

const table = `
| In \`src/\` | What | May import | Packages |
|---|---|---|---|
| \`domain/\` | words | nothing of the project | \`zod\` |
| \`*/settings.ts\` | settings | \`domain/\` | |
| \`shops/\` | shops | \`domain/\` | |
| \`shops/acme/\` | one | \`domain/\`, \`shops/\` | \`@acme/sdk\`, \`node:*\` |
| \`shops/all.ts\` | all | \`shops/*/\` | |
| \`desk/\` | desk | \`domain/\`, types of \`shops/\` | |
`;

function broken(path: string, text: string): string[] {
  return brokenRules(roomsOf(table), new Map([[path, text]]));
}

test.each([
  ["domain/a.ts", 'import { b } from "./b.ts";'],
  ["domain/a.ts", 'import { z } from "zod";'],
  ["shops/acme/a.ts", 'import {\n  b,\n} from "../shop.ts";'],
  ["shops/acme/a.ts", 'import { Acme } from "@acme/sdk/users";\nimport fs from "node:fs/promises";'],
  ["shops/all.ts", 'export { acme } from "./acme/index.ts";'],
  ["shops/settings.ts", 'import { b } from "./b.ts";\nimport { c } from "../domain/c.ts";'],
  ["shops/b.ts", 'import { c } from "./settings.ts";'],
  ["desk/a.ts", 'import type { Shop } from "../shops/shop.ts";'],
])("the table allows %s: %s", (path, text) => {
  expect(broken(path, text)).toEqual([]);
});

test.each([
  ["domain/a.ts", 'import type { b } from "../shops/b.ts";', "shops/b.ts"],
  ["domain/a.ts", 'import { readFile } from "node:fs";', "node:fs"],
  ["shops/a.ts", 'import { Acme } from "@acme/sdk";', "@acme/sdk"],
  ["shops/a.ts", 'import { acme } from "./acme/index.ts";', "shops/acme/index.ts"],
  ["shops/a.ts", 'import { all } from "./all.ts";', "shops/all.ts"],
  ["desk/a.ts", 'import { type Shop } from "../shops/shop.ts";', "shops/shop.ts"],
  ["desk/a.ts", 'import "../shops/shop.ts";', "shops/shop.ts"],
  ["desk/a.ts", 'const shop = await import("../shops/shop.ts");', "shops/shop.ts"],
  ["desk/a.ts", 'export * from "../attic/a.ts";', "attic/a.ts"],
  ["attic/a.ts", 'import { b } from "./b.ts";', "attic/b.ts"],
])("the table forbids %s: %s", (path, text, target) => {
  expect(broken(path, text)).toEqual([`${path} → ${target}`]);
});

test("every import is seen, and no text that looks like one", () => {
  const text = `import a, { b } from "one";\n// import c from "two";\nexport type { D } from "three";\nconst e = "import f from";`;
  expect(importsOf(text)).toEqual([
    { module: "one", isType: false },
    { module: "three", isType: true },
  ]);
});

test("whoever names a vendor is found, and its own files may", () => {
  const named = new Map([
    ["shops/acme/a.ts", "acme"],
    ["desk/acme.ts", "Acme"],
    ["desk/a.ts", "// what Acme's answers mean"],
    ["desk/b.ts", "shop"],
  ]);
  expect(namersOf("acme", named)).toEqual(["desk/a.ts"]);
});

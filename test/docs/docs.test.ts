import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { blockedCodes } from "../../src/activities/blocked.ts";
import { migrationSchema, parseMigration, REASONS } from "../../src/migration.ts";
import { PHASES } from "../../src/phases.ts";
import { PASSED_THROUGH, SETTING_NAMES } from "../../src/settings.ts";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import { pauseUpdate, progressQuery, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { anchors, codeBlocks, codeRows, page, pages, ROOT, relativeLinks } from "./pages.ts";

const README_MAX_LINES = 150;
const manifest = z
  .object({
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(ROOT, folder, name), "utf8"));
}

test("the README is short", () => {
  expect(page("README.md").split("\n").length).toBeLessThanOrEqual(README_MAX_LINES);
});

test("every reason stands with its explanation", () => {
  const rows = codeRows(page("docs/outcomes.md"));
  for (const [reason, explanation] of Object.entries(REASONS))
    expect(rows.get(reason)).toContain(explanation);
});

test("every finding is explained", () => {
  const rows = codeRows(page("docs/outcomes.md"));
  const codes = sources("src/activities").flatMap((text) =>
    [...text.matchAll(/severity: .*\n\s*code: "(\w+)"/g)].map((match) => match[1] ?? ""),
  );
  expect(codes).toContain("mfa");
  for (const code of codes) expect([...rows.keys()]).toContain(code);
});

test("every parking code has its section", () => {
  const headings = [...page("docs/runbook.md").matchAll(/^### `(\w+)`$/gm)].map((match) => match[1]);
  expect(headings.toSorted()).toEqual([...blockedCodes()].toSorted());
});

test("every search attribute and phase is named", () => {
  const rows = codeRows(page("docs/runbook.md"));
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTE_TYPES)) {
    expect(rows.get(name)).toContain(`| ${type} |`);
    expect(page("README.md")).toContain(`--search-attribute ${name}=${type}`);
  }
  for (const phase of PHASES) expect(page("docs/runbook.md")).toContain(`\`${phase}\``);
});

test("every dependency has its reason, and no other has", () => {
  const [, section = ""] = page("docs/contributing.md").split("## Dependencies");
  const wanted = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  expect([...codeRows(section).keys()].toSorted()).toEqual(wanted.toSorted());
});

test("every setting is documented, and no other is", () => {
  const [, section = ""] = page("docs/start.md").split("## Settings");
  expect([...codeRows(section).keys()].toSorted()).toEqual([...SETTING_NAMES].toSorted());
  for (const name of PASSED_THROUGH) expect(section).toContain(`\`${name}\``);
});

interface JsonSchema {
  properties?: Record<string, JsonSchema> | undefined;
  anyOf?: JsonSchema[] | undefined;
  default?: unknown;
}

/** Every key of the migration file with its default, by path; a part that has keys of its own is not one. */
function keysOf(schema: JsonSchema, path: string): [string, unknown][] {
  const parts = [schema, ...(schema.anyOf ?? [])];
  const inner = parts.flatMap(({ properties = {} }) =>
    Object.entries(properties).flatMap(([name, part]) =>
      keysOf(part, path === "" ? name : `${path}.${name}`),
    ),
  );
  return inner.length === 0 ? [[path, schema.default]] : inner;
}

test("every key of the migration file stands with its default", () => {
  // A JSON Schema document, as far as it is walked.
  const schema = z.toJSONSchema(migrationSchema, { io: "input" }) as JsonSchema;
  const keys = keysOf(schema, "");
  const [, section = ""] = page("docs/start.md").split("## The migration file");
  const rows = codeRows(section.split("## Settings")[0] ?? "");
  for (const [path, value] of keys) {
    const row = rows.get(path);
    expect(row, path).toBeDefined();
    if (value !== undefined) expect(row?.split(" | ")[2], path).toBe(`\`${JSON.stringify(value)}\``);
  }
  expect([...rows.keys()].toSorted()).toEqual([...keys.map(([path]) => path), "only"].toSorted());
});

test("JSON blocks can be read, migration files are valid", () => {
  const blocks = pages.flatMap(({ text }) => codeBlocks(text, "json"));
  const values = blocks.map((block): unknown => JSON.parse(block));
  const files = values.filter((value) => typeof value === "object" && value !== null && "source" in value);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect(parseMigration(file)).toMatchObject({ ok: true });
});

test("the IAM policy allows what is called, nothing more", () => {
  const called = sources("src/cognito").flatMap((text) =>
    [...text.matchAll(/new (\w+)Command\(/g)].map((match) => `cognito-idp:${match[1]}`),
  );
  const [policy = ""] = codeBlocks(page("docs/security.md"), "json");
  const allowed = [...policy.matchAll(/"(cognito-idp:\w+)"/g)].map((match) => match[1] ?? "");
  expect(allowed.toSorted()).toEqual([...new Set(called)].toSorted());
});

test.each(pages)("relative links of $name lead somewhere", (one) => {
  for (const { path, anchor } of relativeLinks(one)) {
    expect(existsSync(join(ROOT, path)), path).toBe(true);
    if (anchor !== null) expect(anchors(readFileSync(join(ROOT, path), "utf8")), path).toContain(anchor);
  }
});

test("every page is linked from the README", () => {
  const linked = relativeLinks({ name: "README.md", text: page("README.md") }).map(({ path }) => path);
  for (const { name } of pages.filter(({ name }) => name !== "README.md")) expect(linked).toContain(name);
});

test("every npm script that is named exists", () => {
  for (const { name, text } of pages)
    for (const [, script = ""] of text.matchAll(/npm run (\w+)/g))
      expect(Object.keys(manifest.scripts), name).toContain(script);
});

/** What `./spillway` prints about itself or one of its commands. */
function help(...words: string[]): string {
  return execFileSync(process.execPath, [join(ROOT, "src/cli.ts"), ...words, "--help"], { encoding: "utf8" });
}

test("every spillway command that is named exists, options too", () => {
  const texts = [...pages.map(({ text }) => text), ...sources("src")];
  const named = texts.flatMap((text) => [...text.matchAll(/\.\/spillway (\w+)([^`\n]*)/g)]);
  const commands = Map.groupBy(named, (match) => match[1] ?? "");
  const known = help();
  for (const [command, uses] of commands) {
    expect(known).toMatch(new RegExp(`^ {2}${command} `, "m"));
    const options = uses.flatMap(([, , rest = ""]) => rest.match(/--[a-z-]+/g) ?? []);
    const text = options.length === 0 ? "" : help(command);
    for (const option of options) expect(text, command).toContain(option);
  }
});

test("every update and query that is named exists", () => {
  const updates = [pauseUpdate.name, resumeUpdate.name, setPaceUpdate.name];
  for (const { name, text } of pages) {
    for (const [, update = ""] of text.matchAll(/update execute .*?--name (\w+)/g))
      expect(updates, name).toContain(update);
    for (const [, query = ""] of text.matchAll(/workflow query .*?--type (\w+)/g))
      expect(query, name).toBe(progressQuery.name);
  }
});

test("every test that is named exists", () => {
  const tests = sources("test").join("\n");
  const [, section = ""] = page("docs/reliability.md").split("## Everyone is accounted for");
  const named = [...section.matchAll(/^\| "([^"]+)" \|/gm)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(20);
  const titles = tests.replaceAll("%s cost nobody", "storms of 429 with Retry-After cost nobody");
  for (const title of named) expect(titles).toContain(title);
});

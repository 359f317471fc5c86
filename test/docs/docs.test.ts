import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { workos } from "../../src/destinations/workos/index.ts";
import { migrationSchema } from "../../src/domain/migration/file.ts";
import { PHASES } from "../../src/domain/phases.ts";
import { NO_RESET_REASONS } from "../../src/plan/reset-policy.ts";
import { destinationSettings, PASSED_THROUGH, readSettings, SETTING_NAMES } from "../../src/settings.ts";
import { SEARCH_ATTRIBUTE_TYPES } from "../../src/temporal/search-attributes.ts";
import {
  approveUpdate,
  pauseUpdate,
  progressQuery,
  resumeUpdate,
  setPaceUpdate,
  skipProviderUpdate,
} from "../../src/workflows/messages.ts";
import { parseFile } from "../domain/parse-file.ts";
import { sources, wordsOf } from "./code-words.ts";
import { type FileKey, keysOf, pathsOf } from "./file-keys.ts";
import { anchors, codeBlocks, codeRows, page, pages, ROOT, relativeLinks, section } from "./pages.ts";

const README_MAX_LINES = 150;
const README_MAX_WORDS = 1_200;
const DOCS_MAX_WORDS = 20_000;
/** Tables and code are read slower, and some are looked up in alone. */
const READ_PER_MINUTE = { least: 100, most: 260 };
const manifest = z
  .object({
    scripts: z.record(z.string(), z.string()),
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")));

test("README and pages are short", () => {
  expect(page("README.md").split("\n").length).toBeLessThanOrEqual(README_MAX_LINES);
  expect(words(page("README.md"))).toBeLessThanOrEqual(README_MAX_WORDS);
  const inDocs = pages.filter(({ name }) => name.startsWith("docs/")).map(({ text }) => words(text));
  expect(inDocs.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(DOCS_MAX_WORDS);
});

/** As `wc -w` counts them. */
function words(text: string): number {
  return text.split(/\s+/).filter((word) => word !== "").length;
}

test.each(pages.filter(({ name }) => name.startsWith("docs/")))(
  "$name says whom it is for, and how long it takes to read",
  ({ text }) => {
    const [, minutes] = /^# .+\n\nFor: .+\. (\d+) minutes?\.\n/.exec(text) ?? [];
    const atWordsPerMinute = words(text) / Number(minutes);
    expect(atWordsPerMinute).toBeGreaterThan(READ_PER_MINUTE.least);
    expect(atWordsPerMinute).toBeLessThan(READ_PER_MINUTE.most);
  },
);

test("the bridge starts with what its documentation sets", () => {
  const set = Object.fromEntries(
    [...section("docs/bridge.md", "Start it").matchAll(/^ +export (\w+)=(\S+)/gm)].map(
      ([, name = "", value = ""]) => [name, value === "…" ? "c41f9d07b2e85a36f01d7c94e6b3a258" : value],
    ),
  );
  const read = readSettings(set);
  expect(read).toMatchObject({ ok: true, value: { bridge: { ok: true } } });
  expect(read.ok && destinationSettings(read.value, "workos")).toMatchObject({ ok: true });
});

test("every reason for no reset mail is named, and no other is", () => {
  const items = section("docs/resets.md", "Who is mailed").matchAll(/^- [^`]+: (`.+)$/gm);
  const named = [...items].flatMap(([, reasons = ""]) => reasons.match(/\w+/g) ?? []);
  expect(named.toSorted()).toEqual(Object.keys(NO_RESET_REASONS).toSorted());
});

test("how long a mail may stay in doubt is told as the code has it", () => {
  const { facts, callTimeoutMs } = workos.connect({ apiUrl: "https://x.test", apiKey: "k", clientId: "c" });
  const longestMs = callTimeoutMs + (facts.resets.record?.lagMs ?? 0);
  expect(section("docs/resets.md", "At most once")).toContain(`${longestMs / 1_000} s the person is`);
});

test("every column of the report's files is explained", () => {
  const rows = codeRows(page("docs/outcomes.md"));
  const columns = wordsOf(["src/report"], /const COLUMNS = \[([^\]]+)\]/g).flatMap(
    (list) => list.match(/\w+/g) ?? [],
  );
  expect(columns).not.toEqual([]);
  for (const column of columns) expect([...rows.keys()]).toContain(column);
});

test("whoever meets a code is led to what explains it", () => {
  for (const name of ["README.md", "docs/bridge.md", "docs/outcomes.md", "docs/runbook.md"])
    expect(page(name)).toContain("./spillway explain ");
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
  const lines = section("docs/contributing.md", "Dependencies").matchAll(/^- `([^`]+)`: \S/gm);
  const wanted = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
  expect([...lines].map(([, name]) => name).toSorted()).toEqual(wanted.toSorted());
});

test("every setting is documented, and no other is", () => {
  const settings = section("docs/start.md", "Settings");
  expect([...codeRows(settings).keys()].toSorted()).toEqual([...SETTING_NAMES].toSorted());
  for (const name of PASSED_THROUGH) expect(settings).toContain(`\`${name}\``);
});

test("every part of the migration file stands where people decide, and no key that there is not", () => {
  const items = section("docs/start.md", "The migration file").matchAll(/^- ([^:]+):/gm);
  const named = [...items].flatMap(([, names = ""]) => names.match(/[\w.]+/g) ?? []);
  const keys = keysOf(migrationSchema).map(({ path }) => path);
  const isPart = (name: string) => keys.some((path) => path === name || path.startsWith(`${name}.`));
  expect(named.filter((name) => !isPart(name))).toEqual([]);
  const parts = keys.map((path) => path.split(".")[0] ?? "").filter((part) => !ELSEWHERE.includes(part));
  expect(named.map((name) => name.split(".")[0])).toEqual(expect.arrayContaining(parts));
});

/** Parts that the page shows in its example or at their step, and one that nobody has to know. */
const ELSEWHERE = ["$schema", "source", "dryRun", "gate"];

test("examples/full.json shows every key that goes with the others", () => {
  const shown = pathsOf(migrationSchema, JSON.parse(readFileSync(join(ROOT, "examples/full.json"), "utf8")));
  const isOfAnotherRule = ({ path }: FileKey) =>
    path === "dryRun" ||
    path.startsWith("only.") ||
    ["destination.environment", "organizations.organization", "organizations.prefix"].includes(path);
  const wanted = keysOf(migrationSchema).filter((key) => !isOfAnotherRule(key));
  expect(shown.toSorted()).toEqual(wanted.map(({ path }) => path).toSorted());
});

test("JSON blocks can be read, migration files are valid", () => {
  const blocks = pages.flatMap(({ text }) => codeBlocks(text, "json"));
  const values = blocks.map((block): unknown => JSON.parse(block));
  const files = values.filter((value) => typeof value === "object" && value !== null && "source" in value);
  expect(files).not.toEqual([]);
  for (const file of files) expect(parseFile(file)).toMatchObject({ ok: true });
});

test("the IAM policies allow what is called, nothing more", () => {
  const called = wordsOf(["src/cognito"], /new (\w+)Command\(/g);
  const [workers = ""] = codeBlocks(section("docs/security.md", "AWS"), "json");
  const [bridge = ""] = codeBlocks(section("docs/security.md", "The sign-in bridge"), "json");
  const [init = ""] = codeBlocks(section("docs/security.md", "The migration file"), "json");
  const policies = [workers, bridge, init].flatMap(actionsOf);
  const allowed = [...new Set(policies)].toSorted();
  // Anybody may call it: no policy is asked.
  const asked = called.filter((operation) => operation !== "InitiateAuth");
  expect(allowed).toEqual(asked.map((operation) => `cognito-idp:${operation}`));
});

test("a worker's policy lets nobody try passwords", () => {
  const [workers = ""] = codeBlocks(section("docs/security.md", "AWS"), "json");
  expect(actionsOf(workers).filter((action) => !/:(Admin)?(List|Describe)/.test(action))).toEqual([]);
});

test("the policy for secrets allows what is called, and the tags that go with it", () => {
  const called = [...wordsOf(["src/secrets"], /new (\w+)Command\(/g), "TagResource"];
  const [policy = ""] = codeBlocks(section("docs/security.md", "AWS Secrets Manager"), "json");
  expect(actionsOf(policy)).toEqual(called.map((operation) => `secretsmanager:${operation}`).toSorted());
});

const policySchema = z.object({ Statement: z.tuple([z.object({ Action: z.array(z.string()) })]) });

/** In order of the alphabet. */
function actionsOf(policy: string): string[] {
  return policySchema.parse(JSON.parse(policy)).Statement[0].Action.toSorted();
}

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

test("every example is linked from a page", () => {
  const linked = new Set(pages.flatMap((one) => relativeLinks(one).map(({ path }) => path)));
  const examples = readdirSync(join(ROOT, "examples"));
  expect(examples).toContain("credentials.json");
  for (const name of examples) expect([...linked]).toContain(`examples/${name}`);
});

test("every npm script that is named exists", () => {
  for (const { name, text } of pages)
    for (const [, script = ""] of text.matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(manifest.scripts), name).toContain(script);
});

const helps = new Map<string, string>();

/** What `./spillway` prints about itself or one of its commands. */
function help(...words: string[]): string {
  const command = [join(ROOT, "src/cli.ts"), ...words, "--help"];
  const text = helps.get(words.join(" ")) ?? execFileSync(process.execPath, command, { encoding: "utf8" });
  helps.set(words.join(" "), text);
  return text;
}

test("every spillway command that is named exists, options too", () => {
  const texts = [...pages.map(({ text }) => text), ...sources(["src"])];
  const lines = texts.flatMap((text) =>
    [...text.matchAll(/\.\/spillway (\w[^`\n]*)/g)].map(([, line = ""]) => line),
  );
  for (const [command, uses] of Map.groupBy(lines, commandOf)) {
    const words = command.split(" ");
    const name = words.at(-1) ?? "";
    expect(help(...words.slice(0, -1))).toMatch(new RegExp(`^ {2}${name} `, "m"));
    const options = uses.flatMap((line) => line.match(/--[a-z-]+/g) ?? []);
    const text = options.length === 0 ? "" : help(...words);
    for (const option of options) expect(text, command).toContain(option);
  }
});

/** Commands that are one of a family, by the family's name. */
const FAMILIES = ["credentials"];

function commandOf(line: string): string {
  const words = line.match(/[\w-]+/g) ?? [];
  return words.slice(0, FAMILIES.includes(words[0] ?? "") ? 2 : 1).join(" ");
}

test("every update and query that is named exists", () => {
  const known = [approveUpdate, pauseUpdate, resumeUpdate, setPaceUpdate, skipProviderUpdate];
  const updates = known.map(({ name }) => name);
  for (const { name, text } of pages) {
    for (const [, update = ""] of text.matchAll(/update execute .*?--name (\w+)/g))
      expect(updates, name).toContain(update);
    for (const [, query = ""] of text.matchAll(/workflow query .*?--type (\w+)/g))
      expect(query, name).toBe(progressQuery.name);
  }
});

test("every test that is named exists", () => {
  const tests = sources(["test"]).join("\n");
  const [, promises = ""] = page("docs/reliability.md").split("## Everyone is accounted for");
  const named = [...promises.matchAll(/^- "([^"]+)"/gm)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(20);
  const titles = tests.replaceAll("%s cost nobody", "storms of 429 with Retry-After cost nobody");
  for (const title of named) expect(titles).toContain(title);
});

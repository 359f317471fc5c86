import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { blockedCodes, waysOf } from "../../src/domain/blocked.ts";
import { explained } from "../../src/explain/find.ts";
import { KINDS } from "../../src/explain/kinds.ts";
import { sources, wordsOf } from "../docs/code-words.ts";
import { page, ROOT } from "../docs/pages.ts";

/** What the code can show is explained, and nothing else is. Where a type knows the codes, the compiler sees to it. */

const FOLDERS = readdirSync(join(ROOT, "src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "explain")
  .map(({ name }) => `src/${name}`);

function codesOf(kind: string): string[] {
  return KINDS.filter((one) => one.kind === kind).flatMap(({ codes }) => Object.keys(codes));
}

/** The words that stand so in the code, of which `known` is one. */
function shown(known: string, folders: readonly string[], ...patterns: RegExp[]): string[] {
  const words = patterns.flatMap((pattern) => wordsOf(folders, pattern));
  expect(words).toContain(known);
  return words;
}

function problemsOfLedger(): string[] {
  const problems = shown("ledger_busy", ["src/ledger"], /^ {2}\| "(ledger_\w+)"/gm);
  // It is found out when a program starts, which says it and ends.
  return problems.filter((code) => code !== "ledger_exposed");
}

test("every kind has a name of its own and codes", () => {
  expect(new Set(KINDS.map(({ kind }) => kind)).size).toBe(KINDS.length);
  expect(KINDS.filter(({ codes }) => Object.keys(codes).length === 0)).toEqual([]);
});

test("every failure code of Spillway's own is explained", () => {
  const rejected = shown(
    "saml_settings_missing",
    ["src/destinations/workos"],
    /kind: "rejected", code: "(\w+)"/g,
    /(?<!access_lost", )\bcode: "(\w+_\w+)"/g,
  );
  const unclear = shown(
    "twins_left",
    ["src/destinations/workos", "src/activities"],
    /\bunclear\(\s*"(\w+)"/g,
    /problem: "unavailable", code: "(\w+)"/g,
  );
  const ofMails = shown(
    "mail_put_off",
    ["src/delivery", "src/activities/resets"],
    /\bcode: "((?:mail|smtp|http|user)_\w+)"/g,
    /const NOT_LOOKED_UP = "(\w+)"/g,
  );
  const known = [...codesOf("failure"), ...codesOf("unclear")];
  for (const code of [...rejected, ...unclear, ...ofMails]) expect(known).toContain(code);
});

test("every word by which something is skipped is explained", () => {
  const skipped = shown(
    "no_api",
    ["src/activities", "src/destinations/workos"],
    /kind: "skipped", reason: "(\w+)"/g,
  );
  for (const code of skipped) expect(explained(code), code).not.toEqual([]);
  const memberships = shown(
    "user_not_imported",
    ["src/activities/memberships", "src/report"],
    /return skipped\("(\w+)"\)/g,
    /isPlanned\) return "(\w+)"/g,
  );
  const connections = shown("no_api", ["src/activities/credentials"], /kind: "skipped", reason: "(\w+)"/g);
  for (const code of [...memberships, ...connections]) expect(codesOf("membership")).toContain(code);
});

test("every code by which an activity fails is explained", () => {
  const codes = shown("range_still_open", ["src/activities"], /\bretryable\("(\w+)"\)/g);
  const known = [...codesOf("activity"), ...codesOf("park")];
  for (const code of [...codes, ...problemsOfLedger()]) expect(known).toContain(code);
});

test("everything by which a run fails is explained", () => {
  const codes = shown("people_open", ["src/workflows"], /nonRetryable\([^;"]+"(\w+)",?\s*\)/g);
  // It answers an operator, and fails no run.
  expect(codesOf("failedRun").toSorted()).toEqual(codes.filter((code) => code !== "Refused").toSorted());
});

test("everything that a run waits for is explained", () => {
  const codes = shown("clock", ["src/workflows"], /\bcode: "(\w+)"/g);
  const approvals = wordsOf(["src/domain", "src/workflows"], /step: "(\w+)"/g).map(
    (step) => `approval_${step}`,
  );
  expect(codesOf("wait").toSorted()).toEqual([...new Set([...codes, ...approvals])].toSorted());
});

test("every outage and every trouble of the bridge's own is explained, and no other is", () => {
  const outages = shown("too_slow", ["src/bridge"], /(?:\boutage\(|"unavailable", code: )"(\w+)"/g);
  const ofCognito = shown("EmptyAnswer", ["src/cognito"], /(?:"outage"|"unavailable"), code: "([A-Z]\w+)"/g);
  const known = [...codesOf("bridgeOutage"), ...codesOf("bridgeTrouble")];
  for (const code of [...outages, ...ofCognito]) expect(known).toContain(code);
  const wanted = [...outages, ...problemsOfLedger(), "EmptyAnswer", "EndlessList"];
  expect(codesOf("bridgeOutage").toSorted()).toEqual(wanted.toSorted());
  const named = shown(
    "source_not_asked",
    ["src/bridge"],
    /^const (?:NOT_\w+|LINK_JUST_LOST|UNPROVEN) = "(\w+)"/gm,
  );
  const troubles = shown("resets_not_copied", ["src/bridge"], /\bonTrouble\("(\w+)"\)/g);
  for (const code of [...named, ...troubles]) expect(known).toContain(code);
});

test("no code is explained that the code cannot show", () => {
  const texts = sources(FOLDERS);
  const words = new Set(texts.flatMap((text) => text.match(/\w+/g) ?? []));
  const composed = /^(?:reset|mail)_|^approval_|<status>/;
  const codes = KINDS.flatMap((one) => Object.keys(one.codes)).filter((code) => !composed.test(code));
  expect(codes.filter((code) => !words.has(code))).toEqual([]);
});

test("a parked run's commands are those that answer it", () => {
  for (const code of blockedCodes()) {
    const [park] = explained(code).filter(({ kind }) => kind === "park");
    const commands = park?.commands.map(({ command }) => command) ?? [];
    const ways = waysOf(code);
    const isCancelled = ways.includes("new_file") || ways.includes("new_run");
    expect(commands.includes("./spillway cancel POOL"), code).toBe(isCancelled);
    expect(commands.includes("./spillway resume POOL"), code).toBe(ways.includes("resume"));
    const accepting = `./spillway resume POOL --accept ${code}`;
    expect(commands.includes(accepting), code).toBe(ways.includes("accept"));
  }
});

test("every page and section that is named is there", () => {
  const texts = KINDS.flatMap(({ codes }) =>
    Object.values(codes).map(({ means, help }) => `${means} ${help ?? ""}`),
  );
  const named = texts.flatMap((text) => [...text.matchAll(/(docs\/\w+\.md)(?:, `([^`]+)`)?/g)]);
  expect(named).not.toEqual([]);
  for (const [, name = "", heading] of named)
    expect(page(name)).toMatch(heading === undefined ? /./ : new RegExp(`^#+ ${heading}$`, "m"));
});

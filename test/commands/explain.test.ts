import { expect, test } from "vitest";
import { z } from "zod";
import { explainedText, listText } from "../../src/commands/explain-text.ts";
import { allExplained, explained } from "../../src/explain/find.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { runCli } from "./cli.ts";
import { startAtTerminal, testAtTerminal } from "./terminal.ts";

const COLUMNS = 60;
const listSchema = z.array(
  z.strictObject({
    code: z.string(),
    kind: z.string(),
    title: z.string(),
    means: z.string(),
    help: z.string().nullable(),
    commands: z.array(z.strictObject({ to: z.string().nullable(), command: z.string() })),
  }),
);

test("a code is told with what to do, without settings", async () => {
  const { code, stdout, stderr } = await runCli(["explain", "ledger_owned"], freshFolder());
  expect(stdout).toMatch(/^ledger_owned: why a run parks\n\n {2}The ledger says that another run/);
  expect(stdout).toContain("\n    ./spillway takeover POOL --region REGION --environment ENVIRONMENT\n");
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

test("commands are told as the program was called", async () => {
  const settings = { SPILLWAY_CALLED_AS: "/opt/sp/spillway" };
  const { stdout } = await runCli(["explain", "ledger_full"], freshFolder(), settings);
  expect(stdout).toContain("\n    /opt/sp/spillway resume POOL\n");
});

test("a code of two kinds is told as both", async () => {
  const { stdout } = await runCli(["explain", "foreign_worker"], freshFolder());
  expect(stdout.match(/^foreign_worker: .+$/gm)).toEqual([
    "foreign_worker: why a run parks",
    "foreign_worker: why an activity is tried again",
  ]);
});

test.each([
  ["http_503", "http_503: why something failed"],
  ["smtp_550", "smtp_550: why something failed"],
  ["Ledger-Owned", "ledger_owned: why a run parks"],
  ["ForeignToken", "ForeignToken: a trouble of the bridge"],
])("%s is found", async (word, heading) => {
  const { stdout } = await runCli(["explain", word], freshFolder());
  expect(stdout.split("\n")[0]).toBe(heading);
});

test.each([
  ["ledger_restord", "ledger_restored"],
  ["overtaken", "run_overtaken"],
])("%s is no code, and %s is named", async (word, nearest) => {
  const { code, stdout, stderr } = await runCli(["explain", word], freshFolder());
  expect(stderr).toMatch(
    new RegExp(`^Spillway has no code "${word}" of its own: .*\`\\./spillway explain ${nearest}\``),
  );
  expect(stderr.trimEnd()).not.toContain("\n");
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
});

test.each(["constructor", "\u001b[2J", "__proto__"])("%j is no code", async (word) => {
  const { code, stderr } = await runCli(["explain", word], freshFolder());
  expect(stderr).toMatch(/^Spillway has no code /);
  expect(stderr).not.toContain("\u001b");
  expect(code).toBe(2);
});

test("without a code all are listed, a line each, below their kind", async () => {
  const { code, stdout } = await runCli(["explain"], freshFolder());
  expect(stdout).toMatch(/^Why a run parks\n {2}access_lost_destination +The destination refuses/);
  expect(stdout.match(/^ {2}\S+/gm)).toHaveLength(allExplained().length);
  expect(code).toBe(0);
});

test("machines get the same", async () => {
  const folder = freshFolder();
  const one = listSchema.parse(JSON.parse((await runCli(["explain", "fenced", "--json"], folder)).stdout));
  expect(one).toEqual(explained("fenced"));
  const all = listSchema.parse(JSON.parse((await runCli(["explain", "--json"], folder)).stdout));
  expect(all).toEqual(allExplained());
});

testAtTerminal("a narrow terminal has narrow lines", async () => {
  const { code, lines } = await startAtTerminal(["explain", "ledger_owned"], freshFolder(), {}, COLUMNS)
    .ended;
  const prose = lines.filter((line) => !line.startsWith("    "));
  expect(prose.length).toBeGreaterThan(8);
  expect(prose.filter((line) => line.length > COLUMNS)).toEqual([]);
  expect(code).toBe(0);
});

test("lines are no wider than the terminal, but for what is copied", () => {
  const lines = allExplained().flatMap((one) => explainedText([one], COLUMNS).split("\n"));
  const isCopied = (line: string) => /^ {4}\S/.test(line) || line.trim().startsWith("`");
  expect(lines.filter((line) => line.length > COLUMNS && !isCopied(line))).toEqual([]);
  const listed = listText(allExplained(), COLUMNS).split("\n");
  expect(listed.filter((line) => line.length > COLUMNS)).toEqual([]);
});

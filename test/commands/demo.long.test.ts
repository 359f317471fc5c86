import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freshFolder } from "../setup/fresh-folder.ts";
import { startProgram } from "./cli.ts";

const DEMO = join(import.meta.dirname, "..", "..", "tools", "demo.ts");

test("the demo opens its gate, survives its kill and finds nothing wrong", async () => {
  // Enough that half of them still take a while when the first half is seen to be done.
  const { code, stdout, stderr } = await startProgram([DEMO, "--users", "800"], freshFolder(), {}).ended;
  const report = /^The report is in\n +(.+)$/m.exec(stdout)?.[1];
  if (report !== undefined) rmSync(report, { recursive: true });
  expect(stderr).toBe("");
  expectInOrder(stdout, [
    /temporal workflow start .*--type migrateUserPool/,
    /3 connections: AcmeSAML, CorpOIDC, Microsoft/,
    /No counterpart at WorkOS: Facebook, LoginWithAmazon/,
    /Google: not_configured/,
    /SignInWithApple: not_configured/,
    /Users written so far: 0,/,
    /credentials reveal Google/,
    /keeps the secret back \(exit code 2\)/,
    /Google: wrong_client_id/,
    /Google is verified\. It still waits for SignInWithApple/,
    /spillway skip \S+ SignInWithApple --reason/,
    /was killed with SIGKILL/,
    /The first import after the kill came \d+\.\d s later/,
    /memberships in 5 organizations, by role/,
    /Audit/,
    /Life goes on/,
    /Written by this run: people 1 new, 1 changed, 0 removed/,
    /Differs: 1 difference/,
    /spillway undo \S+ --confirm/,
    /Undone\./,
  ]);
  expect(stdout.match(/^ {2}holds /gm)).toHaveLength(8);
  expect(stdout).not.toMatch(/WRONG/);
  expect(code).toBe(0);
});

test("the demo tells its options to whoever asks", async () => {
  const { code, stdout, stderr } = await startProgram([DEMO, "--help"], freshFolder(), {}).ended;
  expect(stdout).toMatch(/--users N/);
  expect(stderr).toBe("");
  expect(code).toBe(0);
});

test("the demo refuses an option it does not know", async () => {
  const { code, stderr } = await startProgram([DEMO, "--user", "1"], freshFolder(), {}).ended;
  expect(stderr).toMatch(/--users N/);
  expect(code).toBe(2);
});

function expectInOrder(text: string, patterns: readonly RegExp[]): void {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    expect(found, `${pattern} in order in:\n${text}`).not.toBeNull();
    rest = rest.slice((found?.index ?? 0) + (found?.[0].length ?? 0));
  }
}

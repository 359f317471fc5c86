import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CONFIGURATION_CALLS_PER_SECOND } from "../../src/engine/pace-keys.ts";
import { runCli } from "./cli.ts";
import { PLACED, SET_UP, startGateRig } from "./gate-rig.ts";
import { startRig } from "./rig.ts";

const COLUMNS = 80;

test("shows what a run would stop at, and what it leaves behind", async () => {
  const { CorpOIDC: _, ...providers } = PLACED.providers;
  const { file, folder, settings, workos } = await startGateRig(0, { providers, clients: {} });
  const text = await runCli(["check", file], folder, settings);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/^Blocker {2}The provider "CorpOIDC" \(OIDC\) becomes a connection of one/m);
  expect(text.stdout).toMatch(/^Warning {2}The destination has no counterpart for the provider "Facebook"/m);
  expect(text.stdout).toMatch(/mend these first\.$/m);
  expect(text.stdout).not.toContain("./spillway migrate");
  const rows = text.stdout.slice(text.stdout.indexOf("Blocker"), text.stdout.indexOf("Both sides"));
  for (const line of rows.split("\n")) expect(line.length).toBeLessThanOrEqual(COLUMNS);

  const { code, stdout } = await runCli(["check", file, "--json"], folder, settings);
  const { ok, blockers, warnings, findings } = JSON.parse(stdout);
  expect(ok).toBe(false);
  expect(blockers).toEqual([
    expect.stringContaining('"CorpOIDC"'),
    expect.stringContaining('The app client "nightly-export"'),
  ]);
  expect(warnings).toContainEqual(expect.stringContaining('"LoginWithAmazon"'));
  expect(findings).toContainEqual({
    severity: "blocker",
    code: "provider_without_organization",
    subject: "CorpOIDC",
    sentence: blockers[0],
  });
  expect(code).toBe(1);
  const asked = new Set(workos.journal.entries.map(({ operation }) => operation));
  expect([...asked].toSorted()).toEqual(["exchangeCode", "listUsers"]);
});

test("tells a pace that leaves no room for sign-ins", async () => {
  const { file, folder, settings } = await startGateRig(0, { pace: { writesPerSecond: 60 } });
  const { stdout } = await runCli(["check", file], folder, settings);
  expect(stdout).toContain("at most 60 users/s to WorkOS");
  expect(stdout.replace(/\n +/g, " ")).toContain("only writesPerSecond up to 45 leave room for sign-ins");
});

test("tells the time of every phase, and of all of them", async () => {
  const { file, folder, settings } = await startRig(600, {
    organizations: { from: "fixed", organization: "all" },
    passwordResets: { send: true, acceptMfaLoss: true, perSecond: 2 },
    pace: { writesPerSecond: 10, pagesPerSecond: 1 },
  });
  const text = await runCli(["check", file], folder, settings);
  expect(text.stdout).toMatch(/^Time {5}about 8 min at this pace:$/m);
  expect(text.stdout).toMatch(/^ {9}snapshot 11 s, structure 1 s, users 66 s, memberships 66 s, resets$/m);
  expect(text.stdout).toMatch(/^ {9}6 min, verify 1 s$/m);
  const { estimatedSeconds, phaseSeconds } = JSON.parse(
    (await runCli(["check", file, "--json"], folder, settings)).stdout,
  );
  expect(phaseSeconds).toMatchObject({ snapshot: 11, users: 66, memberships: 66, resets: 330, verify: 1 });
  expect(estimatedSeconds).toBe(475);
});

test("finds nothing in the way of a file that places everything, and keeps to Cognito's pace", async () => {
  const { file, folder, settings, cognito } = await startGateRig(0);
  const { code, stdout } = await runCli(["check", file], folder, settings);
  expect(stdout).not.toContain("Blocker");
  expect(stdout).toMatch(/Nothing has been changed\.\n\nTo migrate from here/);
  expect(code).toBe(0);
  const calls = cognito.journal.entries.filter(({ operation }) =>
    /^(List(IdentityProviders|UserPoolClients|Groups|ResourceServers)|Describe(Identity|UserPoolClient))/.test(
      operation,
    ),
  );
  expect(calls).toHaveLength(4 + SET_UP.identityProviders.length + SET_UP.clients.length);
  const tookMs = (calls.at(-1)?.atMs ?? 0) - (calls[0]?.atMs ?? 0);
  // One call may reach Cognito a little late, the next one not.
  expect(tookMs).toBeGreaterThan(((calls.length - 2) * 1_000) / CONFIGURATION_CALLS_PER_SECOND);
});

test("prints the Temporal CLI's command only for a file that it can start a run with", async () => {
  const { file, folder, settings } = await startRig(1);
  writeFileSync(file, `\ufeff${readFileSync(file, "utf8")}`);
  const text = await runCli(["check", file, "--offline"], folder, settings);
  expect(text.stdout).toMatch(/\.\/spillway migrate [\s\S]*not yet\. The file begins with a byte order mark/);
  expect(text.stdout).not.toContain("workflow start");
  expect(text.code).toBe(0);
  const { stdout } = await runCli(["check", file, "--offline", "--json"], folder, settings);
  expect(JSON.parse(stdout)).toEqual({
    ok: true,
    start: null,
    startTrouble: expect.stringContaining("byte order mark"),
  });
});

import { expect, test } from "vitest";
import { CONFIGURATION_CALLS_PER_SECOND } from "../../src/activities/pace-keys.ts";
import { runCli } from "./cli.ts";
import { PLACED, SET_UP, startGateRig } from "./gate-rig.ts";

const COLUMNS = 80;

test("shows what a run would stop at, and what it leaves behind", async () => {
  const { CorpOIDC: _, ...providers } = PLACED.providers;
  const { file, folder, settings, workos } = await startGateRig(0, { providers, clients: {} });
  const text = await runCli(["check", file], folder, settings);
  expect(text.code).toBe(1);
  expect(text.stdout).toMatch(/^Blocker {2}The provider "CorpOIDC" \(OIDC\) becomes a connection of one/m);
  expect(text.stdout).toMatch(/^Warning {2}The destination has no counterpart for the provider "Facebook"/m);
  expect(text.stdout).toMatch(/mend these first\.$/m);
  expect(text.stdout).not.toContain("npm run migrate");
  const rows = text.stdout.slice(text.stdout.indexOf("Blocker"), text.stdout.indexOf("Both sides"));
  for (const line of rows.split("\n")) expect(line.length).toBeLessThanOrEqual(COLUMNS);

  const { code, stdout } = await runCli(["check", file, "--json"], folder, settings);
  const { ok, blockers, warnings } = JSON.parse(stdout);
  expect(ok).toBe(false);
  expect(blockers).toEqual([
    expect.stringContaining('"CorpOIDC"'),
    expect.stringContaining('The app client "nightly-export"'),
  ]);
  expect(warnings).toContainEqual(expect.stringContaining('"LoginWithAmazon"'));
  expect(code).toBe(1);
  expect(workos.journal.entries.map(({ method }) => method)).toEqual(["GET", "GET"]);
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

import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { runCli, startCli } from "./cli.ts";
import { detail, PLACED, startGateRig } from "./gate-rig.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const COLUMNS = 80;

function counted(text: string, part: string): number {
  return text.split(part).length - 1;
}

test("a run that waits for providers says so, and the command that it names goes on without one", async () => {
  const { file, folder, settings, pool, workos } = await startGateRig();
  const run = startCli(["migrate", file], folder, settings);
  await run.printed("SignInWithApple: not_configured");
  await run.printed(`./spillway skip ${pool.poolId} Google --reason`);
  const watched = await runCli(["watch", pool.poolId, "--json"], folder, settings);
  const { standing, totals } = JSON.parse(watched.stdout);
  expect(standing.answer).toMatchObject({
    state: "Waiting",
    missingProviders: [
      { name: "Google", fault: "not_configured" },
      { name: "SignInWithApple", fault: "not_configured" },
    ],
  });
  expect(totals.credentials).toEqual({ done: 3, failed: 0, skipped: 2, of: 7 });

  workos.configureProvider({ provider: "GoogleOAuth", clientId: detail("Google", "client_id") });
  await run.printed("No longer waited for: Google.");
  await run.printed(`./spillway skip ${pool.poolId} SignInWithApple --reason`);
  const { waitsFor } = JSON.parse((await runCli(["watch", pool.poolId, "--json"], folder, settings)).stdout)
    .standing.answer;
  const env = { ...process.env, ...settings };
  await promisify(execFile)("sh", ["-c", `${waitsFor.command.replace("…", "turned off")} --yes`], {
    cwd: ROOT,
    env,
  });

  const { code, stdout, stderr } = await run.ended;
  expect(stderr).toBe("");
  expect(code).toBe(0);
  expect(stdout).toMatch(/The run goes on\.[\s\S]*Done: of 12 users/);
  expect(counted(stdout, "SignInWithApple: not_configured")).toBe(1);
  const told = stdout.slice(stdout.indexOf("Waiting: "), stdout.indexOf("The run goes on."));
  for (const line of told.split("\n"))
    if (!line.startsWith("  ./spillway")) expect(line.length).toBeLessThanOrEqual(COLUMNS);
});

test("a run with organizations shows how far it is with each phase", async () => {
  const changes = {
    organizations: { from: "fixed", organization: "all" },
    providers: {
      ...PLACED.providers,
      Google: { skip: "turned off" },
      SignInWithApple: { skip: "turned off" },
    },
  } as const;
  const { file, folder, settings, pool } = await startGateRig(12, changes);
  for (const words of [
    ["migrate", file],
    ["watch", pool.poolId],
  ]) {
    const { code, stdout } = await runCli(words, folder, settings);
    expect(stdout).toMatch(/^credentials +7 of 7, 4 skipped$/m);
    expect(stdout).toMatch(/^structure +1 of 1$/m);
    expect(stdout).toMatch(/^memberships +(\d+) of \1$/m);
    expect(code).toBe(0);
  }
});

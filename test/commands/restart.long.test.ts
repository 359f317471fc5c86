import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { otherKeys } from "../../src/commands/other-file.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { startWorkosDouble } from "../doubles/workos/double.ts";
import { runCli, startCli } from "./cli.ts";
import { startGateRig } from "./gate-rig.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";

/** A run that waits for two providers, whose worker was stopped; and the file changed so that it would not. */
async function waitingRun() {
  const rig = await startGateRig();
  const { file, folder, settings } = rig;
  const run = startCli(["migrate", file], folder, settings);
  await run.printed("Waiting: ");
  run.child.kill("SIGINT");
  expect((await run.ended).code).toBe(130);
  const { providers, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  const skipped = { Google: { skip: "turned off" }, SignInWithApple: { skip: "turned off" } };
  writeFileSync(file, JSON.stringify({ ...rest, providers: { ...providers, ...skipped } }));
  return rig;
}

test("a file that was changed is told from the one of the run under way, and --restart begins with it", async () => {
  const { file, folder, settings, workos } = await waitingRun();
  const { code, stdout, stderr } = await runCli(["migrate", file], folder, settings);
  expect(code).toBe(2);
  expect(stderr).toBe(
    `The run of this pool that is under way began with another file; these differ: providers.Google, providers.SignInWithApple. Nothing was started or changed. To go on with that run, give its file; to cancel it and begin with this one: \`./spillway migrate ${file} --restart\`\n`,
  );
  expect(stdout).not.toContain("Waiting: ");
  expect(workos.users.size).toBe(0);

  const restarted = await runCli(["migrate", file, "--restart"], folder, settings);
  expect(restarted.stdout).toContain("It has ended. What it did stands, and this run goes on from there.");
  expect(restarted.stdout).toContain("Done: of 12 users");
  expect(restarted.stdout).not.toContain("is under way already");
  expect(restarted).toMatchObject({ code: 0, stderr: "" });
  expect(workos.users.size).toBeGreaterThan(0);
});

test("a run that was cancelled while no worker answered ends at the next start, which begins anew at once", async () => {
  const { file, folder, settings, pool } = await waitingRun();
  const cancelled = await runCli(["cancel", pool.poolId, "--yes"], folder, settings);
  expect(cancelled.stdout.replaceAll("\n", " ")).toMatch(
    /^No worker answers: the run is cancelled as soon as one works it\. .*SPILLWAY_TASK_QUEUE=/,
  );
  const { code, stdout } = await runCli(["migrate", file], folder, settings);
  expect(stdout).toContain("The run that is under way was cancelled already");
  expect(stdout).toContain("Done: of 12 users");
  expect(code).toBe(0);
});

testAtTerminal("at a terminal the file that is to be is asked for", async () => {
  const { file, folder, settings } = await waitingRun();
  const left = startAtTerminal(["migrate", file], folder, settings);
  await left.shown("Which file is it to be?");
  // What nobody chose changes nothing.
  left.press(KEYS.enter);
  expect(await left.ended).toMatchObject({ code: 2, text: expect.stringContaining("Nothing was changed.") });
  const restarted = startAtTerminal(["migrate", file], folder, settings);
  await restarted.shown("Which file is it to be?");
  restarted.press(KEYS.down, KEYS.enter);
  expect(await restarted.ended).toMatchObject({
    code: 0,
    text: expect.stringContaining("Done: of 12 users"),
  });
});

test("what differs is named by the keys of the file, and an environment that one of them does not name is none", () => {
  const source = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
  const file = migrationOf({ source, destination: { kind: "workos" } });
  const begun = { source, destination: { kind: "workos", environment: "client_1" } };
  expect(otherKeys(begun, file)).toBeNull();
  expect(otherKeys({ $schema: "docs/migration.schema.json", ...begun }, file)).toBeNull();
  expect(otherKeys({ ...begun, dryRun: true, pace: { writesPerSecond: 3 } }, file)).toEqual([
    "pace.writesPerSecond",
    "dryRun",
  ]);
  const elsewhere = { kind: "workos", environment: "client_2" } as const;
  expect(otherKeys(begun, migrationOf({ source, destination: elsewhere }))).toEqual([
    "destination.environment",
  ]);
  expect(otherKeys({ ...begun, nonsense: 1 }, file)).toEqual(["the whole file"]);
});

test("a run that goes by another ledger is neither cancelled nor worked", async () => {
  const { file, folder, settings } = await waitingRun();
  const elsewhere = { ...settings, SPILLWAY_LEDGER: `sqlite:${join(folder, "other.db")}` };
  for (const words of [
    ["migrate", file],
    ["migrate", file, "--restart"],
  ]) {
    const { code, stderr } = await runCli(words, folder, elsewhere);
    expect(stderr).toMatch(
      /^The run of \S+ that is under way goes by another ledger than the one that SPILLWAY_LEDGER/,
    );
    expect(code).toBe(2);
  }
  const { stdout } = await runCli(["migrate", file, "--restart"], folder, settings);
  expect(stdout).toContain("It has ended. What it did stands");
});

test("of two that start at once with two files, one hears of the other and is not worked by its file", async () => {
  const { file, folder, settings } = await startGateRig();
  const { providers, ...rest } = JSON.parse(readFileSync(file, "utf8"));
  const other = join(folder, "other.json");
  const skipped = { Google: { skip: "turned off" }, SignInWithApple: { skip: "turned off" } };
  writeFileSync(other, JSON.stringify({ ...rest, providers: { ...providers, ...skipped } }));
  const [waiting, through] = [file, other].map((path) => startCli(["migrate", path], folder, settings));
  if (waiting === undefined || through === undefined) throw new Error("Two were started.");
  const first = await Promise.race([waiting.ended, through.ended]);
  waiting.child.kill("SIGINT");
  const [one, two] = await Promise.all([waiting.ended, through.ended]);
  const refusal = /began at this moment|began with another file/;
  // Whichever was first: the other one was refused.
  expect([one, two].filter(({ stderr }) => refusal.test(stderr))).toHaveLength(1);
  expect(first.code === 2 || first.code === 0).toBe(true);
});

test("whoever leaves while the run is being cancelled leaves at once", async () => {
  const { file, folder, settings } = await waitingRun();
  const restarting = startCli(["migrate", file, "--restart"], folder, settings);
  await restarting.printed("Cancelling the run that is under way");
  restarting.child.kill("SIGINT");
  const { code, stdout } = await restarting.ended;
  // Where the end was quicker, the new run was left.
  expect(code).toBe(130);
  expect(stdout).toContain("Stopped here. Nothing is lost: the same command goes on.");
});

test("a run of another environment is neither shown as one's own nor worked, and never cancelled for it", async () => {
  const { file, folder, settings, pool } = await waitingRun();
  const production = await startWorkosDouble({
    clientId: "client_01PRODUCTION",
    options: { unlimited: true },
  });
  onTestFinished(() => production.close());
  const other = {
    ...settings,
    WORKOS_API_URL: production.url,
    WORKOS_API_KEY: production.key,
    WORKOS_CLIENT_ID: production.clientId,
  };
  for (const words of [[], ["--restart"]]) {
    const { code, stdout, stderr } = await runCli(["migrate", file, "--yes", ...words], folder, other);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `The run of ${pool.poolId} that is under way is of the environment ${settings.WORKOS_CLIENT_ID}, and the settings here lead to client_01PRODUCTION; nothing was started or changed. Wait for its end, or give the command with its settings.\n`,
    );
    expect(stdout).not.toContain("Waiting: ");
  }
  expect((await runCli(["pause", pool.poolId], folder, settings)).stderr).toMatch(/^No worker answered/);
});

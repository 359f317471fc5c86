import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { otherKeys } from "../../src/commands/other-file.ts";
import { migrationOf } from "../domain/parse-file.ts";
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
  const attached = startCli(["migrate", file], folder, settings);
  await attached.printed("Waiting: ");
  attached.child.kill("SIGINT");
  const { stdout } = await attached.ended;
  expect(stdout.replaceAll(/\s+/g, " ")).toContain(
    `The run of this pool that is under way began with another file: providers.Google, providers.SignInWithApple. It goes on with what it began with. To end it and begin with this file: \`./spillway migrate ${file} --restart\``,
  );
  expect(workos.users.size).toBe(0);

  const restarted = await runCli(["migrate", file, "--restart"], folder, settings);
  expect(restarted.stdout).toContain("It has ended. What it did stands, and this run goes on from there.");
  expect(restarted.stdout).toContain("Done: of 12 users");
  expect(restarted.stdout).not.toContain("is under way already");
  expect(restarted).toMatchObject({ code: 0, stderr: "" });
  expect(workos.users.size).toBeGreaterThan(0);
});

testAtTerminal("at a terminal the file that is to be is asked for", async () => {
  const { file, folder, settings } = await waitingRun();
  const left = startAtTerminal(["migrate", file], folder, settings);
  await left.shown("Which file is it to be?");
  left.press(KEYS.ctrlC);
  expect(await left.ended).toMatchObject({ code: 2, text: expect.stringContaining("Nothing was changed.") });
  const restarted = startAtTerminal(["migrate", file], folder, settings);
  await restarted.shown("Which file is it to be?");
  restarted.press(KEYS.enter);
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
  expect(otherKeys({ ...begun, dryRun: true, pace: { writesPerSecond: 3 } }, file)).toEqual([
    "pace.writesPerSecond",
    "dryRun",
  ]);
  expect(otherKeys({ ...begun, nonsense: 1 }, file)).toEqual(["the whole file"]);
});

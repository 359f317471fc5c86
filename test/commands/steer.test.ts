import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { runCli, startCli } from "./cli.ts";
import { startGateRig } from "./gate-rig.ts";
import { startRig } from "./rig.ts";

test("a run that waits is steered from its first pause to its end, each answer in its own words", async () => {
  const { file, folder, settings, pool } = await startGateRig();
  const { poolId } = pool;
  const steer = (...words: string[]) => runCli(words, folder, settings);
  const run = startCli(["migrate", file], folder, settings);
  await run.printed(`./spillway skip ${poolId} --reason why Google`);

  expect(await steer("pause", poolId)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Paused: /) });
  const again = await steer("pause", poolId);
  expect(again).toMatchObject({ code: 2, stdout: "", stderr: "The run is paused already.\n" });
  await run.printed(`./spillway resume ${poolId}`);
  expect(await steer("resume", poolId, "--accept", "something")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^resume cannot accept "something": /),
  });
  expect((await steer("resume", poolId)).stdout).toBe("Waiting: looks again now.\n");

  const paced = await steer("pace", poolId, "--writes", "30", "--calls", "20", "--mails", "3");
  expect(paced.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /^At most, a second: 30 writes, 2,000 reads, 20 calls of both kinds, 100 pages of the pool, 3 mails\. --calls bounds the writes at 20, and --calls bounds the reads at 20\. $/,
  );
  const asJson = await steer("pace", poolId, "--writes", "40", "--json");
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    workflowId: workflowIdOf(poolId),
    answer: { writesPerSecond: 40, callsPerSecond: 20 },
  });

  const other = await steer("skip", poolId, "Nobody", "--reason", "why");
  expect(other).toMatchObject({
    code: 2,
    stderr: 'The run does not wait for "Nobody", but for Google, SignInWithApple.\n',
  });
  const unasked = await steer("skip", poolId, "Google", "--reason", "why");
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(/^People who sign in by Google alone will have no way in\. .*--yes\.\n$/);
  expect((await steer("skip", poolId, "Google", "--reason", "why", "--yes")).stdout).toBe(
    "Skipped Google; still waiting for SignInWithApple.\n",
  );
  expect((await steer("skip", poolId, "SignInWithApple", "--works", "--reason", "by hand")).stdout).toBe(
    "SignInWithApple counts as verified.\n",
  );
  expect((await run.ended).code).toBe(0);

  const ended = await steer("pause", poolId);
  expect(ended.code).toBe(2);
  expect(ended.stderr).toMatch(/^The run migrate-\S+ has ended: there is nothing to steer\. /);
});

test("a run is cancelled by its command, which asks first, and the next start goes on", async () => {
  const { file, folder, settings, pool } = await startGateRig();
  const { poolId } = pool;
  const run = startCli(["migrate", file], folder, settings);
  await run.printed("Waiting: ");
  const unasked = await runCli(["cancel", poolId], folder, settings);
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(/goes on from there\. Cancel it\? .*--yes\.\n$/);
  expect((await runCli(["cancel", poolId, "--yes"], folder, settings)).code).toBe(0);
  const { code, stderr } = await run.ended;
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The run was cancelled\. /);
  const gone = await runCli(["cancel", poolId, "--yes"], folder, settings);
  expect(gone).toMatchObject({ code: 2, stderr: expect.stringMatching(/has ended: there is nothing/) });
});

test("a run that is not there, or that no worker answers for, is told from one that refuses", async () => {
  const { folder, settings, pool } = await startRig();
  const { poolId } = pool;
  const missing = await runCli(["pause", poolId], folder, settings);
  expect(missing.code).toBe(2);
  expect(missing.stderr).toMatch(/^There is no run migrate-\S+ in the namespace default at /);

  const connection = await Connection.connect({ address: inject("temporalAddress") });
  const run = await new Client({ connection }).workflow.start("migrateUserPool", {
    taskQueue: poolId,
    workflowId: workflowIdOf(poolId),
  });
  onTestFinished(async () => {
    await run.terminate().catch(() => undefined);
    await connection.close();
  });
  const unanswered = await runCli(["pause", poolId], folder, settings);
  expect(unanswered.code).toBe(1);
  expect(unanswered.stderr).toMatch(/^No worker answered for migrate-\S+ at \S+ within \d+ s, /);
});

test.each([
  [["pace", "POOL"], "Give pace at least one of --writes, --reads, --calls, --pages, --mails.\n"],
  [["pace", "POOL", "--writes", "0"], /^--writes takes a number a second that is over 0, .* given 0\. /],
  [["pace", "POOL", "--mails", "many"], /^--mails takes a number a second .* given many\. /],
  [["pause"], "Name the user pool, or give --workflow-id.\n"],
  [["skip", "POOL"], /^Required option '--reason <text>' not specified; see \.\/spillway skip --help\.\n$/],
  [["cancel", "POOL", "--json"], /^With --json nothing is asked: say yes with --yes\. /],
])("%j is told what it lacks", async (words, sentence) => {
  const { folder, settings } = await startRig();
  const { code, stdout, stderr } = await runCli(words, folder, settings);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(sentence);
});

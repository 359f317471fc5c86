import { randomUUID } from "node:crypto";
import { Client, Connection } from "@temporalio/client";
import { expect, inject, onTestFinished, test } from "vitest";
import { workflowIdOf } from "../../src/domain/workflow-id.ts";
import { runCli, startCli } from "./cli.ts";
import { startGateRig } from "./gate-rig.ts";
import { type Rig, startRig } from "./rig.ts";
import { KEYS, startAtTerminal, testAtTerminal } from "./terminal.ts";

test("a run that waits is steered from its first pause to its end, each answer in its own words", async () => {
  const { file, folder, settings, pool } = await startGateRig();
  const { poolId } = pool;
  const steer = (...words: string[]) => runCli(words, folder, settings);
  const run = startCli(["migrate", file], folder, settings);
  await run.printed(`./spillway skip ${poolId} Google --reason`);

  expect(await steer("pause", poolId)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Paused: /) });
  const again = await steer("pause", poolId);
  expect(again).toMatchObject({ code: 2, stdout: "", stderr: "The run is paused already.\n" });
  await run.printed(`./spillway resume ${poolId}`);
  expect(await steer("resume", poolId, "--accept", "something")).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^resume cannot accept "something": /),
  });
  expect((await steer("resume", poolId)).stdout).toBe("Waiting: looks again now.\n");

  const unbound = await steer("approve", poolId);
  expect(unbound).toMatchObject({
    code: 2,
    stderr: 'The run does not wait for an approval of "resets" now.\n',
  });
  const paced = await steer("pace", poolId, "--writes", "30", "--calls", "20", "--mails", "3");
  expect(paced.stdout.replaceAll(/\s+/g, " ")).toMatch(
    /^At most, a second: 30 writes, 2,000 reads, 20 calls of both kinds, 100 pages of the pool, 3 mails\. --calls bounds the writes at 20, and --calls bounds the reads at 20\. $/,
  );
  const asJson = await steer("pace", poolId, "--writes", "40", "--json");
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    workflowId: workflowIdOf(poolId),
    answer: { writesPerSecond: 40, callsPerSecond: 20 },
  });

  const dots = await steer("skip", poolId, "Google", "--reason", "…", "--yes");
  expect(dots).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^The reason is empty, or the dots of/),
  });
  const other = await steer("skip", poolId, "Nobody", "--reason", "why");
  expect(other).toMatchObject({
    code: 2,
    stderr: 'The run does not wait for "Nobody", but for Google, SignInWithApple.\n',
  });
  const unasked = await steer("skip", poolId, "Google", "--reason", "why");
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(
    /^The people of Google come along without it\. They sign in by e-mail: .*--yes\.\n$/,
  );
  const byWorkflow = ["skip", "--workflow-id", workflowIdOf(poolId), "Google"];
  expect((await steer(...byWorkflow, "--reason", "why", "--yes")).stdout).toBe(
    "Skipped Google; still waiting for SignInWithApple.\n",
  );
  const works = ["skip", poolId, "SignInWithApple", "--works", "--reason", "by hand"];
  expect((await steer(...works)).stderr).toMatch(
    /^SignInWithApple counts as verified from then on, .*--yes\.\n$/,
  );
  expect((await steer(...works, "--yes")).stdout).toBe("SignInWithApple counts as verified.\n");
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
  expect(unanswered.stderr).toContain("it may still act as soon as a worker works the run");
  // A worker on another queue than the run's would be of no help.
  expect(unanswered.stderr).toContain(`SPILLWAY_TASK_QUEUE=${poolId} ./spillway worker`);
  expect(unanswered.stderr).toContain("`./spillway migrate FILE`");
  // Nobody has seen what it waits for: a worker that comes a moment later hears of nothing.
  for (const words of [
    ["approve", poolId],
    ["skip", poolId, "Google", "--reason", "why"],
  ]) {
    const unseen = await runCli(words, folder, settings);
    expect(unseen.code).toBe(1);
    expect(unseen.stderr).toMatch(/^No worker answers for migrate-\S+, .*; nothing was sent\. /);
  }
});

test("what is none of our runs is not steered, whatever its id is", async () => {
  const { folder, settings } = await startRig();
  const connection = await Connection.connect({ address: inject("temporalAddress") });
  const run = await new Client({ connection }).workflow.start("billNightly", {
    taskQueue: randomUUID(),
    workflowId: `billing-${randomUUID()}`,
  });
  onTestFinished(async () => {
    await run.terminate();
    await connection.close();
  });
  const refused = await runCli(["cancel", "--workflow-id", run.workflowId, "--yes"], folder, settings);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/ is of type billNightly: that is no run of Spillway\.\n$/);
});

/** A file whose first two mails wait to be looked at. */
const RESETS = { send: true, unverified: "skip", acceptMfaLoss: true, perSecond: 50, canary: 2 } as const;

const mailsOf = ({ workos }: Rig) =>
  workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset").length;

test("an approval is given only for what was seen: a run that is paused tells nothing of it", async () => {
  const rig = await startRig(20, { passwordResets: RESETS });
  const { file, folder, settings, pool } = rig;
  const steer = (...words: string[]) => runCli(words, folder, settings);
  const run = startCli(["migrate", file], folder, settings);
  await run.printed(`./spillway approve ${pool.poolId}`);
  const asked = await steer("approve", pool.poolId);
  expect(asked.code).toBe(2);
  expect(asked.stdout).toMatch(/approve the\s+others\.\nThe first ones:\n/);
  expect(asked.stderr).toMatch(/^Approve\? There is no terminal/);
  await steer("pause", pool.poolId);
  for (const words of [[], ["--yes"], ["--json"]]) {
    const paused = await steer("approve", pool.poolId, ...words);
    expect(paused.code).toBe(2);
    expect(paused.stderr).toMatch(/^The run does not wait for an approval of "resets" now\./);
  }
  await steer("resume", pool.poolId);
  await run.printed("The first ones:");
  expect(mailsOf(rig)).toBe(2);
  run.child.kill("SIGKILL");
  await run.ended;
});

testAtTerminal("a yes to what one run asks is no yes to the next one", async () => {
  const rig = await startRig(20, { passwordResets: RESETS });
  const { file, folder, settings, pool } = rig;
  const run = startCli(["migrate", file], folder, settings);
  await run.printed("./spillway approve");
  const approving = startAtTerminal(["approve", pool.poolId], folder, settings);
  await approving.shown("Approve?");
  const mailed = mailsOf(rig);
  expect((await runCli(["cancel", pool.poolId, "--yes"], folder, settings)).code).toBe(0);
  await run.ended;
  const next = startCli(["migrate", file], folder, settings);
  await next.printed("./spillway approve");
  approving.press("y", KEYS.enter);
  const refused = await approving.ended;
  expect(refused.code).toBe(2);
  expect(refused.text).toContain("has ended meanwhile, and nothing was told to another");
  expect(mailsOf(rig)).toBe(mailed);
  next.child.kill("SIGKILL");
  await next.ended;
});

test.each([
  [["pace", "POOL"], "Give pace at least one of --writes, --reads, --calls, --pages, --mails.\n"],
  [
    ["pace", "POOL", "--writes", "0"],
    /^--writes takes a number a second in plain digits, .* given 0\. To stop: `\.\/spillway pause POOL`\n$/,
  ],
  [["pace", "POOL", "--mails", "many"], /^--mails takes a number a second .* given many\. /],
  [["pace", "POOL", "--writes", "1e9"], /, over 0 and at most 100,000, .* given 1e9\. /],
  [["pace", "--workflow-id", "w", "--reads", "0"], /To stop: `\.\/spillway pause --workflow-id w`\n$/],
  [["skip", "POOL", "Google", "--reason", "ask a@example.com"], /^The reason has an "@", /],
  [["pause"], "Name the user pool, or give --workflow-id.\n"],
  [["skip", "POOL"], /^Required option '--reason <text>' not specified; see \.\/spillway skip --help\.\n$/],
  [["skip", "Google", "--reason", "why"], /^Name the user pool and the provider; or /],
  [
    ["skip", "POOL", "Google", "--workflow-id", "w", "--reason", "why"],
    /^Name the user pool and the provider; /,
  ],
  [["cancel", "POOL"], /^There is no run migrate-POOL in the namespace default at /],
])("%j is told what it lacks", async (words, sentence) => {
  const { folder, settings } = await startRig();
  const { code, stdout, stderr } = await runCli(words, folder, settings);
  expect(code).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toMatch(sentence);
});

import { expect, test } from "vitest";
import { pauseUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import type { Fault, FaultEffect } from "../doubles/shared/faults.ts";
import { auditRun, outcomes } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { creates, FAST_PACE, progressOf, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 120_000;
const USERS = 400;
const onCreate = (effect: FaultEffect, times: number, after = 40): Fault => ({
  match: { operation: "createUser", after },
  times,
  effect,
});

/** A rule of the vendor that nobody knows of. */
const REFUSAL: FaultEffect = {
  kind: "status",
  status: 400,
  body: { code: "user_creation_error", message: "No.", errors: [{ code: "odd_rule", message: "No." }] },
};

/** Runs to the end under the faults and audits; gives the repeated calls. */
async function weather(title: string, stage: Stage): Promise<void> {
  await stage.work();
  const run = await stage.start();
  await auditRun(stage, await run.result());
  const imported = stage.workos.users.size;
  recordFigures(title, {
    users: stage.pool.users.length,
    imported,
    repeatedCalls: creates(stage.workos).length - imported,
  });
}

const disturbances: [string, Fault[]][] = [
  ["5xx after the write took effect", [onCreate({ kind: "status_after_effect", status: 503 }, 30)]],
  ["5xx before any effect", [onCreate({ kind: "status", status: 500, body: "<h1>Oops</h1>" }, 30)]],
  ["sockets reset after the write took effect", [onCreate({ kind: "reset_after_effect" }, 30)]],
  ["sockets reset before any effect", [onCreate({ kind: "reset" }, 30)]],
  [
    "storms of 429 with Retry-After",
    [onCreate({ kind: "status", status: 429, headers: { "retry-after": "1" }, body: {} }, 40)],
  ],
];

test.each(disturbances)(
  "%s cost nobody and double nobody",
  { timeout: LONG_TEST_MS },
  async (title, faults) => {
    const stage = await setStage({ users: USERS, plain: true });
    stage.workos.faults.add(...faults);
    await weather(title, stage);
    expect(stage.workos.users.size).toBe(USERS);
  },
);

test("calls that never answer cost nobody and double nobody", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: USERS, plain: true });
  stage.workos.faults.add(onCreate({ kind: "hang" }, 3), onCreate({ kind: "delay", ms: 11_000 }, 3));
  await weather("calls that never answer, or after the time limit", stage);
  expect(stage.workos.users.size).toBe(USERS);
});

test("look-ups that lag five seconds double nobody", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: USERS, plain: true, workos: { lookupLagMs: 5_000 } });
  stage.workos.faults.add(onCreate({ kind: "status_after_effect", status: 502 }, 20, 100));
  await weather("5xx after effect while look-ups lag 5 s", stage);
  expect(stage.workos.users.size).toBe(USERS);
});

test("a hostile pool under mixed faults accounts for everyone", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: 1_000, cognito: { pages: { short: true, empty: true } } });
  stage.workos.faults.add(
    onCreate({ kind: "status_after_effect", status: 503 }, 20),
    onCreate({ kind: "reset_after_effect" }, 20, 100),
    onCreate({ kind: "status", status: 429, headers: { "retry-after": "1" }, body: {} }, 20, 200),
  );
  await weather("every oddity of a pool, with mixed faults", stage);
});

test("a key that stops working parks, resume goes on", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: USERS,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 200 } },
  });
  await stage.work();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 60);
  stage.workos.setOptions({ key: "sk_test_rotated" });
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits).toMatchObject({ code: "access_lost_destination" });
  expect(waits.command).toMatch(/^\.\/spillway resume /);
  const calls = stage.workos.journal.entries.length;
  stage.workos.setOptions({ key: stage.workos.key });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
  expect(stage.workos.users.size).toBe(USERS);
  const refused = stage.workos.journal.entries.filter((entry) => entry.status === 401).length;
  // Nobody burns through the pool: at most the calls in flight were refused.
  expect(refused).toBeLessThanOrEqual(64);
  recordFigures("401 in mid-run: parks, resume goes on", {
    users: USERS,
    imported: USERS,
    callsBeforeItParked: calls,
    refused,
  });
});

test("many failures alike park, resume tries them again", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: USERS, plain: true });
  stage.workos.faults.add(onCreate(REFUSAL, 120));
  await stage.work();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits).toMatchObject({ code: "too_many_failures" });
  stage.workos.faults.clear();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
  expect(stage.workos.users.size).toBe(USERS);
  recordFigures("many failures alike: parks, resume tries them again", { users: USERS, imported: USERS });
});

test("accepted failures stay failed and are accounted for", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: USERS, plain: true });
  stage.workos.faults.add(onCreate(REFUSAL, 120));
  await stage.work();
  const run = await stage.start();
  await until("the run parks", async () => (await progressOf(run)).waitsFor);
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["odd_rule"] }] });
  const summary = await run.result();
  expect(summary.failed).toBe(120);
  await auditRun(stage, summary);
  const failed = [...(await outcomes(stage)).values()].filter((one) => one.outcome === "failed");
  expect(failed.every((one) => one.reason === "odd_rule")).toBe(true);
});

test("dead page tokens and throttling lose nobody", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: 900,
    cognito: { killTokensAfterPages: 5, reshuffleOnRestart: true, pages: { short: true, empty: true } },
  });
  const body = { __type: "TooManyRequestsException", message: "Rate exceeded" };
  stage.cognito.faults.add({
    match: { operation: "ListUsers", after: 3 },
    times: 4,
    effect: { kind: "status", status: 400, body },
  });
  await weather("a dead page token and throttling by Cognito", stage);
});

test("tokens that always die park the snapshot", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({ users: 900, cognito: { killTokensAfterPages: 3, killTokens: "always" } });
  await stage.work();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.code).toBe("snapshot_stuck");
  stage.cognito.setOptions({ killTokensAfterPages: null });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
});

test("a new pace acts within two seconds", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: 600,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 10 } },
  });
  await stage.work();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 10);
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 100 }] });
  const fromMs = Date.now() + 2_000;
  const toMs = fromMs + 2_000;
  await until("two seconds were seen", () => creates(stage.workos).some((entry) => entry.atMs > toMs));
  const seen = creates(stage.workos).filter((entry) => entry.atMs > fromMs && entry.atMs <= toMs);
  expect(seen.length).toBeGreaterThan(120);
  await expect(run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 0 }] })).rejects.toThrow();
  await run.executeUpdate(pauseUpdate);
  await expect(run.executeUpdate(pauseUpdate)).rejects.toThrow();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  await auditRun(stage, await run.result());
});

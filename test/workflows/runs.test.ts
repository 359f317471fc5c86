import { setTimeout as sleep } from "node:timers/promises";
import { WorkflowFailedError } from "@temporalio/client";
import { expect, test } from "vitest";
import { readFindings } from "../../src/ledger/findings.ts";
import { migrationsOfPool } from "../../src/ledger/runs.ts";
import { pauseUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { type PoolUser, poolOf } from "../doubles/pool/pool.ts";
import { removeUser } from "../doubles/workos/removals.ts";
import { auditRun, outcomes } from "../faults/audit.ts";
import { creates, FAST_PACE, progressOf, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freePort } from "../setup/free-port.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { startTemporal } from "../setup/temporal-server.ts";
import { NO_CHANGES } from "./changes.ts";

async function runToEnd(stage: Stage) {
  await stage.work();
  const run = await stage.start();
  const summary = await run.result();
  return { run, summary };
}

function findings(stage: Stage) {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    return ledger.read((db) => readFindings(db, migration?.id ?? 0));
  });
}

async function removeAtWorkos(stage: Stage, sub: string | null | undefined): Promise<void> {
  const account = [...stage.workos.users.values()].find(({ external_id }) => external_id === sub);
  if (account === undefined) throw new Error("WorkOS does not have them.");
  removeUser(stage.workos.stores, account);
  await stage.withLedger((ledger) =>
    // The miss is believed a minute after the import; the test does not wait for that minute.
    ledger.write((tx) =>
      tx.updateTable("placed").set({ written_at_ms: 1, first_claimed_at_ms: 1 }).execute(),
    ),
  );
}

/** Two accounts of one verified address: one of a provider, and the one that is preferred. */
function twins({ pool }: Stage): [PoolUser, PoolUser] {
  const [google, native] = pool.users;
  if (google === undefined || native === undefined) throw new Error("The pool is too small.");
  google.status = "EXTERNAL_PROVIDER";
  native.status = "CONFIRMED";
  for (const { attributes } of [google, native])
    Object.assign(attributes, { email: "twin@example.com", email_verified: "true" });
  return [google, native];
}

test("a pool with every oddity ends accounted for", async () => {
  const stage = await setStage({ users: 1_000 });
  const { run, summary } = await runToEnd(stage);
  await auditRun(stage, summary);
  expect(summary).toMatchObject({ listed: 1_000, failed: 0, open: 0 });
  expect(await progressOf(run)).toMatchObject({ state: "Done", waitsFor: null });
  const { searchAttributes } = await run.describe();
  expect(searchAttributes).toMatchObject({
    MigrationPhase: ["report"],
    MigrationState: ["Done"],
    UsersImported: [summary.imported],
    UsersFailed: [0],
    PercentDone: [100],
  });
});

test("a dry run writes nothing and tells everything", async () => {
  const stage = await setStage({
    users: 400,
    file: { dryRun: true, attributesOverLimit: "refuse", attributes: { "custom:bio": "bio" } },
  });
  const { summary } = await runToEnd(stage);
  expect(stage.workos.users.size).toBe(0);
  expect(creates(stage.workos)).toEqual([]);
  expect(summary).toMatchObject({ listed: 400, blockers: 1 });
  expect(await findings(stage)).toContainEqual(
    expect.objectContaining({ severity: "blocker", code: "attribute_over_limit" }),
  );
});

test("a metadata key called constructor is named where its values are over a limit", async () => {
  const metadata = { constructor: { constant: "x".repeat(601) } };
  const stage = await setStage({ users: 10, plain: true, file: { dryRun: true, metadata } });
  await runToEnd(stage);
  expect(await findings(stage)).toContainEqual(
    expect.objectContaining({
      sentence: expect.stringContaining('10 users have a value of "constructor" that is longer'),
    }),
  );
});

test("values over a limit park until they are accepted", async () => {
  const stage = await setStage({
    users: 400,
    file: { attributesOverLimit: "refuse", attributes: { "custom:bio": "bio" } },
  });
  await stage.work();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.code).toBe("attribute_over_limit");
  expect(waits.sentence).toMatch(/"custom:bio".*[0-9a-f-]{36}/);
  expect(stage.workos.users.size).toBe(0);
  await run.executeUpdate(resumeUpdate, { args: [{ accept: ["attribute_over_limit"] }] });
  await auditRun(stage, await run.result());
});

test("a second run changes nothing and ends alike", async () => {
  const stage = await setStage({ users: 500 });
  const first = await runToEnd(stage);
  const calls = creates(stage.workos).length;
  const second = await stage.start();
  expect(await second.result()).toEqual({ ...first.summary, changes: NO_CHANGES, times: expect.any(Object) });
  expect(creates(stage.workos)).toHaveLength(calls);
  await auditRun(stage, first.summary);
});

test("a pilot by limit, then everyone", async () => {
  const stage = await setStage({ users: 300, plain: true, file: { only: { limit: 25 } } });
  const pilot = await runToEnd(stage);
  expect(pilot.summary).toMatchObject({ listed: 300, imported: 25, skipped: 275 });
  delete stage.file.only;
  const all = await stage.start();
  const summary = await all.result();
  expect(summary).toMatchObject({ imported: 300, skipped: 0 });
  await auditRun(stage, summary);
});

test("a pilot by group takes whole clusters of members", async () => {
  const stage = await setStage({ users: 400, file: { only: { group: "editors" } } });
  const { summary } = await runToEnd(stage);
  await auditRun(stage, summary);
  const members = stage.pool.groups.find((group) => group.name === "editors")?.members ?? [];
  const ended = await outcomes(stage);
  for (const sub of members) expect(ended.get(sub)?.reason).not.toBe("not_selected");
  expect(summary.imported).toBeGreaterThan(0);
  expect([...ended.values()].filter((one) => one.reason === "not_selected").length).toBeGreaterThan(100);
});

test("a pilot by subs imports just these people", async () => {
  const pool = (await setStage({ users: 100, plain: true })).pool;
  const subs = pool.users.slice(10, 13).map((user) => user.sub);
  const stage = await setStage({ pool, file: { only: { subs } } });
  const { summary } = await runToEnd(stage);
  expect(summary.imported).toBe(3);
  await auditRun(stage, summary);
});

test("whoever is left out by the file alone after the import did not change in Cognito", async () => {
  const stage = await setStage({ users: 12, plain: true });
  await runToEnd(stage);
  const [chosen, left, moved, disabled, compromised] = stage.pool.users;
  if (!chosen || !left || !moved || !disabled || !compromised) throw new Error("The pool is too small.");
  moved.attributes.email = "moved@example.com";
  disabled.enabled = false;
  stage.file.only = { subs: [chosen.sub, compromised.sub] };
  stage.file.users = { decisions: { [left.sub]: "skip" } };
  compromised.status = "COMPROMISED";
  expect(await (await stage.start()).result()).toMatchObject({ imported: 12, skipped: 0 });
  const changed = [moved, disabled, compromised].map(({ sub }) => sub).toSorted();
  const toldChanged = async () =>
    [...(await outcomes(stage)).values()].filter(({ reason }) => reason !== null).map(({ sub }) => sub);
  expect(await toldChanged()).toEqual(changed);

  delete stage.file.only;
  expect(await (await stage.start()).result()).toMatchObject({ imported: 12, skipped: 0 });
  expect(await toldChanged()).toEqual(changed);
});

test("an empty pool is a run like any other", async () => {
  const pool = poolOf({ poolId: freshPoolId("empty"), users: [] });
  const stage = await setStage({ pool, file: { attributes: {} } });
  const { summary } = await runToEnd(stage);
  expect(summary).toMatchObject({ listed: 0, imported: 0, merged: 0, skipped: 0, failed: 0, open: 0 });
});

test("existing accounts are left alone, or adopted", async () => {
  for (const onExisting of ["skip", "adopt"] as const) {
    const stage = await setStage({ users: 60, plain: true, file: { users: { onExisting } } });
    const [first, second, third] = stage.pool.users;
    const emails = [first, second, third].map((user) => user?.attributes.email ?? "");
    stage.workos.seed([
      { email: emails[0] ?? "", email_verified: true },
      { email: emails[1] ?? "", email_verified: false },
      { email: emails[2] ?? "", email_verified: true, external_id: "somebody-else" },
    ]);
    await stage.work();
    const run = await stage.start();
    const summary = await run.result();
    const ended = await outcomes(stage);
    const seen = [first, second, third].map((user) => ended.get(user?.sub ?? ""));
    const skipped = (reason: string) => expect.objectContaining({ outcome: "skipped", reason });
    expect(seen).toEqual([
      onExisting === "skip"
        ? skipped("exists_at_destination")
        : expect.objectContaining({ outcome: "imported", reason: null }),
      skipped(onExisting === "skip" ? "exists_at_destination" : "exists_unverified"),
      skipped("external_id_taken"),
    ]);
    expect(summary.imported).toBe(onExisting === "skip" ? 57 : 58);
  }
});

test("an account that is removed is never made again", async () => {
  const stage = await setStage({ users: 50, plain: true });
  await runToEnd(stage);
  const gone = [...stage.workos.users.values()][7];
  await removeAtWorkos(stage, gone?.external_id);
  const again = await stage.start();
  expect(await again.result()).toMatchObject({ imported: 49, skipped: 1 });
  expect((await outcomes(stage)).get(gone?.external_id ?? "")).toMatchObject({
    reason: "removed_at_destination",
  });
  const third = await stage.start();
  expect(await third.result()).toMatchObject({ imported: 49, skipped: 1 });
  expect(stage.workos.users.size).toBe(49);
});

test("whoever was removed at WorkOS comes back as no other account of theirs, until a person says so", async () => {
  const stage = await setStage({ users: 10, plain: true });
  const [google, native] = twins(stage);
  const others = stage.pool.users.filter((user) => user !== native);
  const everyone = stage.pool.users;
  stage.pool.users = others;
  await runToEnd(stage);
  stage.pool.users = everyone;
  expect(await (await stage.start()).result()).toMatchObject({ imported: 9, merged: 1 });
  await removeAtWorkos(stage, google.sub);
  for (const _ of ["it is noticed", "nothing changed"]) {
    expect(await (await stage.start()).result()).toMatchObject({ imported: 8, skipped: 2 });
    const ended = await outcomes(stage);
    for (const { sub } of [google, native])
      expect(ended.get(sub)).toMatchObject({ outcome: "skipped", reason: "removed_at_destination" });
  }
  expect(stage.workos.users.size).toBe(8);

  stage.file.users = { decisions: { [native.sub]: "import" } };
  expect(await (await stage.start()).result()).toMatchObject({ imported: 9, merged: 1 });
  expect((await outcomes(stage)).get(google.sub)).toMatchObject({ mergedInto: native.sub });
});

test("whoever was removed at WorkOS and deleted in Cognito comes back by no account left there", async () => {
  const stage = await setStage({ users: 10, plain: true });
  const [google, native] = twins(stage);
  await runToEnd(stage);
  await removeAtWorkos(stage, native.sub);
  stage.pool.users = stage.pool.users.filter((user) => user !== native);
  const told: unknown[] = [];
  for (const _ of ["it is noticed", "nothing changed"]) {
    expect(await (await stage.start()).result()).toMatchObject({ imported: 8, skipped: 1 });
    told.push((await outcomes(stage)).get(google.sub));
  }
  const skipped = { outcome: "skipped", earlierSub: native.sub };
  expect(told).toMatchObject([
    { ...skipped, reason: "signed_up_again" },
    { ...skipped, reason: "removed_at_destination" },
  ]);
  expect(stage.workos.users.size).toBe(8);

  stage.file.users = { decisions: { [google.sub]: "import" } };
  expect(await (await stage.start()).result()).toMatchObject({ imported: 9 });
});

test("whoever left Cognito meanwhile is not imported", async () => {
  const stage = await setStage({
    users: 200,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 20 } },
  });
  await stage.work();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 10);
  await run.terminate();
  const imported = new Set([...stage.workos.users.values()].map((user) => user.external_id));
  const gone = stage.pool.users.find(
    (user) => !imported.has(user.sub) && stage.pool.users.indexOf(user) > 100,
  );
  stage.pool.users = stage.pool.users.filter((user) => user !== gone);
  const disabled = stage.pool.users.find((user) => imported.has(user.sub));
  if (disabled !== undefined) disabled.enabled = false;
  stage.file.pace = FAST_PACE;
  const next = await stage.start();
  expect(await next.result()).toMatchObject({ listed: 199, imported: 199 });
  expect(stage.workos.users.size).toBe(199);
  expect(await findings(stage)).toContainEqual(expect.objectContaining({ code: "disabled_after_import" }));
});

test("whoever is deleted in Cognito after the import is told, for the account still works", async () => {
  const stage = await setStage({ users: 20, plain: true });
  await stage.work();
  await (await stage.start()).result();
  const told = async () => (await findings(stage)).filter(({ code }) => code === "deleted_after_import");
  expect(await told()).toEqual([]);
  const [gone] = stage.pool.users.splice(3, 1);
  expect(await (await stage.start()).result()).toMatchObject({ listed: 19, imported: 19 });
  const [finding, ...others] = await told();
  expect(others).toEqual([]);
  expect(finding?.sentence).toContain(
    `1 users were deleted in Cognito after their import (for example ${gone?.sub})`,
  );
  expect(stage.workos.users.size).toBe(20);
});

test("bad input fails the run with one sentence", async () => {
  const stage = await setStage({ users: 10, plain: true });
  await stage.work();
  const failure = async (args: unknown[], workflowId: string) => {
    const run = await stage.client.workflow.start("migrateUserPool", {
      workflowId,
      taskQueue: stage.taskQueue,
      args,
    });
    const error: unknown = await run.result().catch((thrown: unknown) => thrown);
    return error instanceof WorkflowFailedError ? error.cause?.message : "it did not fail";
  };
  const { workflowId, file } = stage;
  expect(await failure([{ ...file, userz: {} }], workflowId)).toBe(
    'The migration file is wrong: the file has the unknown key "userz"; remove it or mend its spelling.',
  );
  const unusable: unknown = JSON.parse('{"from": "groups", "groups": {"__proto__": null}}');
  expect(await failure([{ ...file, roles: unusable }], workflowId)).toMatch(
    /^The migration file is wrong: "roles\.groups" has the key "__proto__", /,
  );
  expect(await failure([file], "my-migration")).toBe(
    `The workflow id must be "${workflowId}" for this pool; start the run again with --workflow-id ${workflowId}.`,
  );
  expect(await failure([], workflowId)).toMatch(/^The migration file is wrong: /);
  expect(await failure([{ ...file, attributes: { email: "x".repeat(41) } }], workflowId)).toMatch(/40/);
  expect(
    await stage.withLedger((ledger) => ledger.read((db) => migrationsOfPool(db, stage.pool.poolId))),
  ).toEqual([]);
});

test.each([
  ["a pool that is not there", { region: "eu-west-1", userPoolId: "eu-west-1_nowhere" }, "source_not_found"],
  ["another region", { region: "us-east-1" }, "source_not_found"],
])("%s parks with a sentence", async (_, source, code) => {
  const stage = await setStage({ users: 10, plain: true });
  const userPoolId = "userPoolId" in source ? `${source.userPoolId}${process.pid}` : stage.pool.poolId;
  await stage.work();
  const run = await stage.client.workflow.start("migrateUserPool", {
    workflowId: `migrate-${userPoolId}`,
    taskQueue: stage.taskQueue,
    args: [{ ...stage.file, source: { ...source, userPoolId } }],
  });
  const { waitsFor } = await until("the run parks", async () => {
    const progress = await run.query<Awaited<ReturnType<typeof progressOf>>, []>("progress");
    return progress.waitsFor === null ? null : progress;
  });
  expect(waitsFor).toMatchObject({ code });
  await run.terminate();
});

test.each([
  ["a wrong WorkOS key", { WORKOS_API_KEY: "sk_test_wrong" }, "access_lost_destination"],
  [
    "no AWS credentials",
    { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "", AWS_EC2_METADATA_DISABLED: "true", HOME: "/nowhere" },
    "access_lost_source",
  ],
])("%s parks the run, and mending it goes on", { timeout: 90_000 }, async (_, environment, code) => {
  const stage = await setStage({ users: 20, plain: true });
  const worker = stage.startWorker(environment);
  const run = await stage.start();
  const { waitsFor } = await until("the run parks", async () => {
    const progress = await progressOf(run);
    return progress.waitsFor === null ? null : progress;
  });
  expect(waitsFor).toMatchObject({ code });
  expect(stage.workos.users.size).toBe(0);
  await worker.end("SIGTERM");
  await stage.work();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
});

test("a cancelled run stops, and the next one goes on", async () => {
  const stage = await setStage({
    users: 300,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 50 } },
  });
  await stage.work();
  const run = await stage.start();
  await until("users arrive", () => creates(stage.workos).length > 20);
  await run.cancel();
  await expect(run.result()).rejects.toThrow();
  expect((await run.describe()).status.name).toBe("CANCELLED");
  stage.file.pace = FAST_PACE;
  const next = await stage.start();
  await auditRun(stage, await next.result());
  expect(creates(stage.workos)).toHaveLength(300);
});

test("a long history continues as new and keeps its place", { timeout: 120_000 }, async () => {
  const server = await startTemporal({
    port: await freePort(),
    dynamicConfig: { "limit.historyCount.suggestContinueAsNew": "60" },
  });
  const stage = await setStage({
    users: 400,
    plain: true,
    temporalAddress: server.address,
    // Batches of six: many of them.
    file: { pace: { ...FAST_PACE, writesPerSecond: 0.1 } },
  });
  await stage.work();
  const run = await stage.start();
  const { runId: firstRunId } = await run.describe();
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 150 }] });
  await until(
    "a new execution goes on",
    async () => (await stage.client.workflow.getHandle(stage.workflowId).describe()).runId !== firstRunId,
  );
  await run.executeUpdate(pauseUpdate);
  const pausedAtMs = Date.now();
  expect((await progressOf(run)).state).toBe("Paused");
  await sleep(3_000);
  expect(creates(stage.workos).filter((entry) => entry.atMs > pausedAtMs + 2_000)).toEqual([]);
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await auditRun(stage, await run.result());
  expect(creates(stage.workos)).toHaveLength(400);
  const { historyLength } = await stage.client.workflow.getHandle(stage.workflowId).describe();
  expect(historyLength).toBeLessThan(150);
  await server.stop();
});

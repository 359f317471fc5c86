import { expect, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { approveUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import { resetItems } from "../faults/reset-items.ts";
import { FAST_PACE, progressOf, type Run, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

const LONG_TEST_MS = 120_000;

type Resets = NonNullable<MigrationFile["passwordResets"]>;
const SEND: Resets = { send: true, perSecond: 500, unverified: "skip", acceptMfaLoss: true };
/** Paces at which people are looked at in each way. */
const WAYS = [
  ["page by page", 500],
  ["one by one", 50],
] as const;

async function waitingForApproval(name: string, users: number, resets: Resets) {
  const pool = plainPool({ users, poolId: freshPoolId(name) });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, ...resets } } });
  const worker = stage.startWorker();
  const run = await stage.start();
  await untilApproval(run);
  const mailed = new Set(mails(stage));
  const waiting = pool.users.filter(({ attributes }) => !mailed.has(attributes.email ?? ""));
  return { stage, run, waiting, worker };
}

function untilApproval(run: Run) {
  return until("the run waits for an approval", async () => {
    // A worker that only just starts answers no query in time.
    const progress = await progressOf(run).catch(() => null);
    return progress?.state === "Waiting" && progress.waitsFor?.code === "approval_resets";
  });
}

function approve(run: Run) {
  return run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}

function mails({ workos }: Stage): string[] {
  return workos.journal.entries
    .filter(({ operation, status }) => operation === "createPasswordReset" && status === 201)
    .map(({ key }) => key ?? "");
}

function lists({ cognito }: Stage): number {
  return cognito.journal.entries.filter(({ operation }) => operation === "ListUsers").length;
}

test.each(WAYS)(
  "whoever has changed in Cognito since the plan is not mailed, and told why: looked at %s",
  { timeout: LONG_TEST_MS },
  async (way, perSecond) => {
    const name = `changed${way.length}`;
    const { stage, run, waiting } = await waitingForApproval(name, 24, { ...SEND, perSecond, canary: 2 });
    const { users } = stage.pool;
    const changes: [(user: PoolUser) => void, code: string][] = [
      [(user) => Object.assign(user, { enabled: false }), "disabled"],
      [(user) => users.splice(users.indexOf(user), 1), "left_out"],
      [(user) => Object.assign(user.attributes, { email: "other@example.com" }), "changed_in_cognito"],
      [(user) => Object.assign(user.attributes, { email_verified: "false" }), "unverified"],
      [(user) => Object.assign(user, { status: "EXTERNAL_PROVIDER" }), "federated"],
      [(user) => Object.assign(user, { status: "UNCONFIRMED" }), "not_confirmed"],
      [(user) => Object.assign(user, { status: "COMPROMISED" }), "changed_in_cognito"],
    ];
    const expected = new Map<string, string>();
    const addresses = new Set<string>();
    for (const [index, [change, code]] of changes.entries()) {
      const user = waiting[2 * index];
      if (user === undefined) throw new Error("The pool is too small.");
      expected.set(user.sub, code);
      addresses.add(user.attributes.email ?? "");
      change(user);
    }
    await approve(run);
    await run.result();
    expect(mails(stage)).toHaveLength(24 - changes.length);
    for (const email of mails(stage)) expect(addresses.has(email)).toBe(false);
    const skipped = (await resetItems(stage)).filter(({ state }) => state !== "done");
    expect(new Map(skipped.map(({ sub, code }) => [sub, code]))).toEqual(expected);
    // The next run judges them anew, by the same approval: whoever is as they were is mailed.
    const back = waiting[0];
    if (back === undefined) throw new Error("The pool is too small.");
    back.enabled = true;
    await (await stage.start()).result();
    expect(mails(stage).slice(24 - changes.length)).toContain(back.attributes.email);
  },
);

test.each(WAYS)(
  "an outage of Cognito holds every mail up, and nobody fails for it: looked at %s",
  { timeout: LONG_TEST_MS },
  async (way, perSecond) => {
    const name = `outage${way.length}`;
    const { stage, run, worker } = await waitingForApproval(name, 20, { ...SEND, perSecond, canary: 2 });
    const before = lists(stage);
    stage.cognito.faults.add({
      match: { operation: "ListUsers" },
      times: 4,
      effect: { kind: "status", status: 503 },
    });
    await approve(run);
    await until("Cognito has been asked in vain", () => lists(stage) >= before + 2);
    expect(mails(stage)).toHaveLength(2);
    // Nobody is claimed meanwhile: a worker that dies leaves nobody in doubt.
    expect((await resetItems(stage)).filter(({ state }) => state === "sending")).toEqual([]);
    await worker.end("SIGKILL");
    await stage.work();
    await run.result();
    expect(new Set(mails(stage)).size).toBe(20);
    expect((await resetItems(stage)).every(({ state }) => state === "done")).toBe(true);
  },
);

/** Waits until all that is left was put off so many times; then its time has come, and the run goes on. */
async function nextTry(stage: Stage, run: Run, times: number): Promise<void> {
  await until("those who are left were put off once more", async () => {
    const open = (await resetItems(stage)).filter(({ state }) => state === "pending" || state === "sending");
    return open.every(({ putOffs }) => putOffs === times);
  });
  await until("the run waits for their time", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Waiting" && waitsFor?.sentence.startsWith("The mails that are left were put off");
  });
  await stage.withLedger((ledger) =>
    ledger.write((tx) =>
      tx.updateTable("work_items").set({ due_at_ms: 1 }).where("due_at_ms", ">", 1).execute(),
    ),
  );
  await run.executeUpdate(resumeUpdate, { args: [{}] });
}

test("one person of whom Cognito gives no answer fails alone, and an outage of all of Cognito fails nobody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, run, waiting } = await waitingForApproval("silent", 12, {
    ...SEND,
    perSecond: 50,
    canary: 2,
  });
  const silent = waiting[4];
  if (silent === undefined) throw new Error("The pool is too small.");
  stage.cognito.setOptions({
    brokenFilter: { matches: silent.sub, error: "InternalErrorException" },
  });
  await approve(run);
  // Everybody else is mailed first.
  for (let tries = 1; tries < 8; tries += 1) {
    await nextTry(stage, run, tries);
    expect(mails(stage)).toHaveLength(11);
    // In the midst of it nobody at all gets an answer: no try of theirs is used up.
    if (tries === 4)
      stage.cognito.faults.add({
        match: { operation: "ListUsers" },
        times: 4,
        effect: { kind: "status", status: 503 },
      });
  }
  await run.result();
  expect(mails(stage)).toHaveLength(11);
  expect(mails(stage)).not.toContain(silent.attributes.email);
  const left = (await resetItems(stage)).filter(({ state }) => state !== "done");
  expect(left).toMatchObject([{ sub: silent.sub, state: "failed", code: "source_no_answer" }]);
  // The next run judges them anew.
  stage.cognito.setOptions({ brokenFilter: null });
  await (await stage.start()).result();
  expect(mails(stage).slice(11)).toEqual([silent.attributes.email]);
});

test("where Cognito tells of nobody by sub, and lists them, the run parks and mails them when it is resumed", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, run } = await waitingForApproval("nobody", 14, { ...SEND, perSecond: 50, canary: 2 });
  stage.cognito.setOptions({ brokenFilter: { matches: "sub", error: "InvalidParameterException" } });
  await approve(run);
  for (let tries = 1; tries < 8; tries += 1) await nextTry(stage, run, tries);
  const parked = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  expect(parked.code).toBe("too_many_failures");
  expect(parked.sentence).toContain("source_no_answer");
  expect(mails(stage)).toHaveLength(2);
  stage.cognito.setOptions({ brokenFilter: null });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(new Set(mails(stage)).size).toBe(14);
  expect(mails(stage)).toHaveLength(14);
});

test("without access to Cognito the run parks, and mails nobody", { timeout: LONG_TEST_MS }, async () => {
  const { stage, run } = await waitingForApproval("denied", 12, { ...SEND, canary: 2 });
  stage.cognito.setOptions({ denied: "ListUsers" });
  await approve(run);
  const parked = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  expect(parked.code).toBe("access_lost_source");
  expect(parked.sentence).toContain("cognito-idp:ListUsers");
  expect(mails(stage)).toHaveLength(2);
  stage.cognito.setOptions({ denied: null });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(new Set(mails(stage)).size).toBe(12);
});

test("second factors that come while the run waits for an approval stop its mails", {
  timeout: LONG_TEST_MS,
}, async () => {
  const resets = { ...SEND, canary: 2, acceptMfaLoss: false };
  const { stage, run } = await waitingForApproval("factors", 12, resets);
  stage.pool.mfa = "OPTIONAL";
  await approve(run);
  const parked = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  expect(parked.code).toBe("second_factors_since");
  expect(parked.sentence).toContain("MFA OPTIONAL");
  expect(mails(stage)).toHaveLength(2);
  // A person took them out of the pool again.
  stage.pool.mfa = "OFF";
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(new Set(mails(stage)).size).toBe(12);
});

test("a campaign that is faster than look-ups reads the pool by pages", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, run } = await waitingForApproval("pages", 600, { ...SEND, canary: 0 });
  const before = lists(stage);
  await approve(run);
  await run.result();
  expect(mails(stage)).toHaveLength(600);
  expect(lists(stage) - before).toBe(10);
});

test("a campaign that is slow looks at each person once", { timeout: LONG_TEST_MS }, async () => {
  const { stage, run } = await waitingForApproval("onebyone", 60, {
    ...SEND,
    perSecond: 0.45 * FAST_PACE.pagesPerSecond,
    canary: 0,
  });
  const before = lists(stage);
  await approve(run);
  await run.result();
  expect(mails(stage)).toHaveLength(60);
  expect(lists(stage) - before).toBe(60);
});

test("page tokens that die cost the campaign nobody", { timeout: LONG_TEST_MS }, async () => {
  const { stage, run } = await waitingForApproval("deadtokens", 600, { ...SEND, canary: 0 });
  stage.cognito.setOptions({ killTokensAfterPages: 4, pages: { short: true, empty: true } });
  await approve(run);
  await run.result();
  expect(mails(stage)).toHaveLength(600);
  expect(new Set(mails(stage)).size).toBe(600);
});

test("whoever was refused a mail, and is disabled since, gets none when the run is resumed", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, run, waiting } = await waitingForApproval("refused", 80, {
    ...SEND,
    perSecond: 50,
    canary: 2,
  });
  stage.workos.faults.add({
    match: { operation: "createPasswordReset" },
    times: 1_000,
    effect: { kind: "status", status: 400, body: { code: "odd_rule", message: "No." } },
  });
  await approve(run);
  await until("the run parks", async () => (await progressOf(run)).state === "Blocked");
  const refused = (await resetItems(stage)).filter(({ state }) => state === "failed");
  const gone = waiting.find(({ sub }) => sub === refused[0]?.sub);
  if (gone === undefined) throw new Error("Nobody was refused.");
  gone.enabled = false;
  stage.workos.faults.clear();
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(new Set(mails(stage)).size).toBe(79);
  expect(mails(stage)).toHaveLength(79);
  expect(mails(stage)).not.toContain(gone.attributes.email);
  const item = (await resetItems(stage)).find(({ sub }) => sub === gone.sub);
  expect(item).toMatchObject({ state: "skipped", code: "disabled" });
});

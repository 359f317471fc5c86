import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readMigration } from "../../src/ledger/runs.ts";
import { writeUndoCsv } from "../../src/report/undo-csv.ts";
import { approveUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { freshFolder } from "../setup/fresh-folder.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { auditRun } from "./audit.ts";
import { resetItems } from "./reset-items.ts";
import { backUpLedger } from "./restore.ts";
import { creates, FAST_PACE, progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";
import { setCredentialsStage } from "./with-credentials.ts";

const USERS = 300;
const LONG_TEST_MS = 300_000;
const BACKED_UP_AT = 60;
const RESTORED_AT = 160;

test("a ledger restored from a back-up of mid-run doubles nobody", { timeout: LONG_TEST_MS }, async () => {
  const stage = await setStage({
    users: USERS,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 60 } },
  });
  let worker = stage.startWorker();
  const run = await stage.start();
  const reached = (count: number) => until(`${count} creates`, () => creates(stage.workos).length >= count);

  await reached(BACKED_UP_AT);
  await worker.end("SIGKILL");
  const restore = backUpLedger(stage);
  worker = stage.startWorker();

  await reached(RESTORED_AT);
  await worker.end("SIGKILL");
  restore();
  worker = stage.startWorker();

  await run.executeUpdate(setPaceUpdate, { args: [FAST_PACE] });
  const summary = await run.result();
  await auditRun(stage, summary);
  expect(summary).toMatchObject({ listed: USERS, imported: USERS, failed: 0, open: 0 });
  expect(stage.workos.users.size).toBe(USERS);
});

test("an undo names the accounts that a restored ledger knows nothing of", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setStage({ users: 12, plain: true });
  const effect = { kind: "status", status: 422, body: { code: "not_now", message: "Not now." } } as const;
  stage.workos.faults.add({ match: { operation: "createUser" }, times: 4, effect });
  let worker = stage.startWorker();
  expect(await (await stage.start()).result()).toMatchObject({ imported: 8, failed: 4 });
  await worker.end("SIGKILL");
  const restore = backUpLedger(stage);
  worker = stage.startWorker();
  expect(await (await stage.start()).result()).toMatchObject({ imported: 12 });
  await worker.end("SIGKILL");
  restore();
  stage.workos.seed([{ email: "stranger@example.com", external_id: "a-stranger" }]);
  stage.startWorker();
  const undone = await (await stage.undo()).result();
  expect(undone.of.user).toEqual({ removed: 8, restored: 0, kept: { unknown_to_ledger: 4 }, failed: {} });
  expect(stage.workos.users.size).toBe(5);
  const path = join(freshFolder(), "undo.csv");
  await stage.withLedger(async (ledger) => {
    await writeUndoCsv(path, ledger, await ledger.read((db) => readMigration(db, 1)));
  });
  expect(readFileSync(path, "utf8").match(/,kept,unknown_to_ledger,/g)).toHaveLength(4);
  // The next migration takes them for what was there.
  expect(await (await stage.start()).result()).toMatchObject({ imported: 12, failed: 0 });
  expect(stage.workos.users.size).toBe(13);
});

test("whom an undo removed, and a ledger restored from its middle forgot, the next migration brings again", {
  timeout: LONG_TEST_MS,
}, async () => {
  const users = 60;
  const stage = await setStage({
    users,
    plain: true,
    file: { pace: { ...FAST_PACE, writesPerSecond: 20 } },
  });
  let worker = stage.startWorker();
  expect(await (await stage.start()).result()).toMatchObject({ imported: users });
  const undo = await stage.undo();
  const left = (count: number) => until(`${count} are left`, () => stage.workos.users.size <= count);
  await left(50);
  await worker.end("SIGKILL");
  const restore = backUpLedger(stage);
  worker = stage.startWorker();
  await left(20);
  await worker.end("SIGKILL");
  restore();
  worker = stage.startWorker();
  expect((await undo.result()).of.user).toEqual({ removed: users, restored: 0, kept: {}, failed: {} });
  expect(await (await stage.start()).result()).toMatchObject({ imported: users });
  expect(stage.workos.users.size).toBe(users);
});

test("on a ledger from before an undo another one parks, and marks nobody unless a person says so", {
  timeout: LONG_TEST_MS,
}, async () => {
  const users = 12;
  const stage = await setStage({ users, plain: true });
  let worker = stage.startWorker();
  expect(await (await stage.start()).result()).toMatchObject({ imported: users });
  await stage.withLedger((ledger) =>
    ledger.write((tx) => tx.updateTable("placed").set({ written_at_ms: 1 }).execute()),
  );
  await worker.end("SIGKILL");
  const restore = backUpLedger(stage);
  worker = stage.startWorker();
  expect((await (await stage.undo()).result()).of.user).toMatchObject({ removed: users, kept: {} });
  await worker.end("SIGKILL");
  restore();
  stage.startWorker();
  const again = await stage.undo();
  const parks = () =>
    until("it parks", async () => (await progressOf(again)).waitsFor?.code === "accounts_gone");
  await parks();
  // It looks again, and finds the same.
  await again.executeUpdate(resumeUpdate, { args: [{}] });
  await parks();
  const marked = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("placed").select("key").where("state", "=", "removed").execute()),
  );
  expect(marked).toEqual([]);
  await again.executeUpdate(resumeUpdate, { args: [{ accept: ["accounts_gone"] }] });
  expect((await again.result()).of.user).toMatchObject({
    removed: 0,
    kept: { removed_at_destination: users },
  });
});

const MAILED = 60;
/** Mails that are being sent when a worker is killed may be out or not. */
const IN_FLIGHT = 4;

async function setMailStage(name: string, delivery: "own" | "destination") {
  const webhook = await startWebhookDouble("2f8c6e1b9d4a7035c8e2b61fa09d5734");
  onTestFinished(() => webhook.close());
  const pool = plainPool({ users: MAILED, poolId: freshPoolId(name) });
  const passwordResets = { send: true, delivery, perSecond: 20, canary: 0, acceptMfaLoss: true } as const;
  const stage = await setStage({ pool, file: { passwordResets } });
  const settings = {
    SPILLWAY_MAIL: `webhook:${webhook.url}`,
    SPILLWAY_MAIL_SECRET: "2f8c6e1b9d4a7035c8e2b61fa09d5734",
  };
  const links = () =>
    stage.workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset");
  /** Whom they went to; a person has two if somebody was mailed twice. */
  const mails = () =>
    delivery === "own" ? webhook.mails.map(({ to }) => to) : links().map(({ key }) => key ?? "");
  return { stage, mails, startWorker: () => stage.startWorker(settings) };
}

async function approve(run: Run): Promise<void> {
  await until("the run waits", async () => (await progressOf(run)).state === "Waiting");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}

/** A run asks for nothing where the destination's record says of everybody that they were mailed. */
async function approveIfAsked(run: Run): Promise<void> {
  const state = await until("the run waits, or is done", async () => {
    const progress = await progressOf(run);
    return progress.state === "Waiting" || progress.state === "Done" ? progress.state : null;
  });
  if (state === "Waiting") await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}

function expectNoneTwice(mails: readonly string[]): void {
  expect(new Set(mails).size).toBe(mails.length);
}

test.each([
  ["new run", "destination", "mailed"],
  ["new run", "own", "unsettled"],
  ["run that goes on", "destination", "mailed"],
] as const)(
  "nobody is mailed twice on a ledger restored from mid-campaign: %s, mails by %s",
  {
    timeout: LONG_TEST_MS,
  },
  async (which, delivery, known) => {
    const isNew = which === "new run";
    const { stage, mails, startWorker } = await setMailStage(`${isNew ? "new" : "on"}${delivery}`, delivery);
    let worker = startWorker();
    let run = await stage.start();
    await approve(run);
    await until("mails go out", () => mails().length >= 10);
    await worker.end("SIGKILL");
    const restore = backUpLedger(stage);
    const forgottenFrom = mails().length;
    worker = startWorker();

    if (isNew) await run.result();
    else await until("more mails go out", () => mails().length >= forgottenFrom + 15);
    await worker.end("SIGKILL");
    const forgotten = mails().slice(forgottenFrom);
    restore();
    startWorker();
    if (isNew) {
      run = await stage.start();
      await approveIfAsked(run);
    }
    await run.result();

    expectNoneTwice(mails());
    expect(await mailsOf(stage, forgotten)).toEqual(new Set([known]));
    const open = (await resetItems(stage)).filter(({ state }) => !["done", "skipped"].includes(state));
    expect(open).toEqual([]);
  },
);

test.each(["destination", "own"] as const)(
  "a ledger restored from before its migration began mails nobody twice, mails by %s",
  { timeout: LONG_TEST_MS },
  async (delivery) => {
    const { stage, mails, startWorker } = await setMailStage(`lost${delivery}`, delivery);
    // The migration begins anew then, after the mails that it knows nothing of.
    await stage.withLedger(async () => {});
    const restore = backUpLedger(stage);
    const worker = startWorker();
    const first = await stage.start();
    await approve(first);
    await until("mails go out", () => mails().length >= 20);
    await worker.end("SIGKILL");
    await first.terminate();
    restore();

    // Whoever was imported before the restore stood there before, as far as the ledger knows.
    stage.file.passwordResets = { ...stage.file.passwordResets, alreadyThere: "send", canary: 5 };
    startWorker();
    const second = await stage.start();
    const waits = await until("the run waits", async () => {
      const { state, waitsFor, firstMails } = await progressOf(second);
      return state === "Waiting" ? { sentence: waitsFor?.sentence, firstMails } : null;
    });
    expect(waits.firstMails.map(({ outcome }) => outcome)).toEqual(Array(5).fill("mailed"));
    expect(waits.sentence).toMatch(/^The first 5 people were mailed\. .*reaches back to \d{4}-\d\d-\d\d/);
    if (delivery === "own") expect(waits.sentence).toContain("links, not of hand-overs");
    await second.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
    await second.result();
    expectNoneTwice(mails());
    expect(new Set(mails()).size).toBeGreaterThanOrEqual(MAILED - IN_FLIGHT);
  },
);

/** How the ledger says the mails to these addresses ended. */
async function mailsOf(stage: Stage, addresses: readonly string[]): Promise<Set<string>> {
  const subs = stage.pool.users
    .filter(({ attributes }) => addresses.includes(attributes.email?.trim().toLowerCase() ?? ""))
    .map(({ sub }) => sub);
  expect(subs.length).toBe(addresses.length);
  const rows = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("mails").select("state").where("sub", "in", subs).execute()),
  );
  expect(rows.length).toBe(addresses.length);
  return new Set(rows.map(({ state }) => state));
}

test("a new run on a ledger that forgot its applications makes none twice", {
  timeout: LONG_TEST_MS,
}, async () => {
  const stage = await setCredentialsStage({ poolId: freshPoolId("apps"), users: 20 });
  const pool = stage.pool;
  expect(pool.clients.length).toBeGreaterThan(2);
  const made = (operation: string) =>
    stage.workos.journal.entries.filter((entry) => entry.operation === operation && entry.status === 201)
      .length;
  // The others come after the back-up, however fast the machine is.
  stage.workos.faults.add({
    match: { operation: "createApplication", after: 1 },
    times: 10_000,
    effect: { kind: "status", status: 429, headers: { "retry-after": "1" }, body: { message: "Too many." } },
  });
  let worker = stage.startWorker();
  let run = await stage.start();
  await until("an application is made", () => made("createApplication") > 0);
  // Without a doubt: those that are made later are unknown to the back-up.
  await worker.end("SIGTERM");
  const restore = backUpLedger(stage);
  stage.workos.faults.clear();
  const known = made("createApplication");
  worker = stage.startWorker();
  await until("the run waits", async () => (await progressOf(run)).state === "Waiting");
  await run.terminate();
  await worker.end("SIGKILL");
  expect(made("createApplication")).toBeGreaterThan(known);
  restore();
  stage.startWorker();
  run = await stage.start();
  await until("the run waits", async () => (await progressOf(run)).state === "Waiting");

  const { createdApplications, clientSecrets, applications } = stage.workos.state();
  expect(new Set(Object.values(createdApplications))).toEqual(new Set([1]));
  const alive = clientSecrets.filter(({ deleted_at }) => deleted_at === null);
  const owners = alive.map(({ application_id }) => application_id);
  expect(new Set(owners).size).toBe(owners.length);
  expect(applications.length).toBeGreaterThan(2);
});

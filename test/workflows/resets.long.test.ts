import { expect, onTestFinished, test } from "vitest";
import type { MigrationFile } from "../../src/domain/migration.ts";
import { beginMove, endMove, noteMoved } from "../../src/ledger/bridge.ts";
import { readFindings } from "../../src/ledger/findings.ts";
import { liveTotals } from "../../src/ledger/live-totals.ts";
import { noteAsked } from "../../src/ledger/mails.ts";
import { copyResetEvents } from "../../src/ledger/reset-events.ts";
import { migrationsOfPool, runOf } from "../../src/ledger/runs.ts";
import { approveUpdate, resumeUpdate, setPaceUpdate } from "../../src/workflows/messages.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import type { Fault } from "../doubles/shared/faults.ts";
import { startWebhookDouble, type WebhookDouble } from "../doubles/webhook/double.ts";
import { auditRun } from "../faults/audit.ts";
import { FAST_PACE, progressOf, type Run, type Stage, setStage } from "../faults/stage.ts";
import { until } from "../faults/until.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";

const LONG_TEST_MS = 120_000;
const WEBHOOK_SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";

type Resets = NonNullable<MigrationFile["passwordResets"]>;
const SEND: Resets = { send: true, perSecond: 500, unverified: "skip", acceptMfaLoss: true };

function mails({ workos }: Stage): string[] {
  return workos.journal.entries
    .filter(({ operation, status }) => operation === "createPasswordReset" && status === 201)
    .map(({ key }) => key ?? "");
}

function standing(run: Run, code: string) {
  return until(`the run waits: ${code}`, async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Waiting" && waitsFor?.code === code ? waitsFor : null;
  });
}

test("the first mails go out, then a person approves the others", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 40, poolId: freshPoolId("canary") });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 3 } } });
  await stage.work();
  const run = await stage.start();
  const waits = await standing(run, "approval_resets");
  expect(waits.sentence).toMatch(/^The first 3 people were mailed\./);
  expect(waits.command).toMatch(/^\.\/spillway approve /);
  // What the Temporal UI shows under "User Metadata".
  const shown = await run.query("__temporal_workflow_metadata");
  expect(shown).toMatchObject({ currentDetails: expect.stringContaining("Pace: 500 mails/s") });
  const newest = pool.users.toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.sub < b.sub ? 1 : -1));
  expect(mails(stage).toSorted()).toEqual(
    newest
      .slice(0, 3)
      .map(({ attributes }) => attributes.email?.trim().toLowerCase())
      .toSorted(),
  );
  await expect(run.executeUpdate(approveUpdate, { args: [{ step: "users" }] })).rejects.toMatchObject({
    cause: { message: expect.stringContaining("approve needs a step") },
  });
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await auditRun(stage, await run.result());
  expect(new Set(mails(stage)).size).toBe(40);
  expect(mails(stage)).toHaveLength(40);
  // Starting again mails nobody.
  const again = await stage.start();
  await again.result();
  expect(mails(stage)).toHaveLength(40);
});

test("only confirmed people with a verified address of their own are mailed", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = makePool({ users: 600, seed: 6, poolId: freshPoolId("who") });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 0 } } });
  await stage.work();
  const run = await stage.start();
  const waits = await standing(run, "approval_resets");
  expect(mails(stage)).toEqual([]);
  expect(waits.sentence).toMatch(/^Nobody has been mailed yet\./);
  expect(await run.executeUpdate(resumeUpdate, { args: [undefined] })).toMatch(
    /^Waiting for an approval of "resets"/,
  );
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await auditRun(stage, await run.result());
  const bySub = new Map(pool.users.map((user) => [user.sub, user]));
  const mailed = new Set(mails(stage));
  expect(mailed.size).toBeGreaterThan(100);
  for (const account of stage.workos.users.values()) {
    const user = bySub.get(account.external_id ?? "");
    const isDue =
      user?.enabled === true &&
      user.attributes.email_verified === "true" &&
      ["CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"].includes(user.status);
    expect(mailed.has(account.email), `${account.external_id}`).toBe(isDue);
  }
});

test("people whose address nobody verified are the file's to decide", async () => {
  const pool = makePool({ users: 300, seed: 6, poolId: freshPoolId("undecided") });
  const stage = await setStage({
    pool,
    file: { passwordResets: { send: true, acceptMfaLoss: true } },
  });
  await stage.work();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.code).toBe("resets_undecided");
  expect(waits.sentence).toMatch(/\d+ confirmed people .*for example [0-9a-f-]{36}, [0-9a-f-]{36}/);
  expect(stage.workos.users.size).toBe(0);
  await run.terminate();
});

test("a pool with second factors is told before anything", async () => {
  const pool = makePool({ users: 100, seed: 6, poolId: freshPoolId("factors") });
  const stage = await setStage({ pool, file: { passwordResets: { send: true, unverified: "skip" } } });
  await stage.work();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.sentence).toContain('"acceptMfaLoss": true');
  await run.terminate();
});

test("named people first, then by an attribute, within the domains of the file", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 30, poolId: freshPoolId("order") });
  for (const [index, user] of pool.users.entries()) {
    user.attributes["custom:plan"] = index % 3 === 0 ? "gold" : "free";
    user.attributes.email = `p${index}@${index % 5 === 0 ? "elsewhere.example" : "ours.example"}`;
  }
  const named = pool.users[1]?.sub ?? "";
  const stage = await setStage({
    pool,
    file: {
      passwordResets: {
        ...SEND,
        perSecond: 20,
        canary: [named],
        order: { attribute: "custom:plan", first: ["gold"] },
        onlyDomains: ["ours.example"],
      },
    },
  });
  await stage.work();
  const run = await stage.start();
  await standing(run, "approval_resets");
  expect(mails(stage)).toEqual(["p1@ours.example"]);
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await run.result();
  const indexes = mails(stage).map((email) => Number(/\d+/.exec(email)?.[0]));
  expect(indexes).toHaveLength(24);
  const gold = indexes.slice(1).findIndex((index) => index % 3 !== 0);
  // Calls overlap a little: all of the first kind were begun before the last of them ended.
  expect(indexes.slice(1, gold + 1).every((index) => index % 3 === 0)).toBe(true);
  expect(gold).toBeGreaterThanOrEqual(6);
});

test("a daily quota waits for the next day, a refusal for a person", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 20, poolId: freshPoolId("quota") });
  const stage = await setStage({
    pool,
    workos: { dailyResets: 8 },
    file: { passwordResets: { ...SEND, canary: 0 } },
  });
  await stage.work();
  const run = await stage.start();
  await standing(run, "approval_resets");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await standing(run, "clock");
  expect(mails(stage)).toHaveLength(8);
  stage.workos.setOptions({ dailyResets: null, passwordResets: "not_allowed" });
  // The next day: an operator need not wait for it.
  await run.executeUpdate("resume", { args: [{}] });
  const parked = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  expect(parked.code).toBe("resets_not_allowed");
  stage.workos.setOptions({ passwordResets: "allowed" });
  await run.executeUpdate("resume", { args: [{}] });
  await run.result();
  expect(new Set(mails(stage)).size).toBe(20);
  expect(mails(stage)).toHaveLength(20);
});

test("the file's own cap and window hold mails back", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 20, poolId: freshPoolId("cap") });
  const stage = await setStage({
    pool,
    file: { pace: FAST_PACE, passwordResets: { ...SEND, canary: 0, perDay: 5 } },
  });
  await stage.work();
  const run = await stage.start();
  await standing(run, "approval_resets");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  const waits = await standing(run, "clock");
  expect(waits.sentence).toMatch(
    /^Today's 5 mails are sent\. The run looks again by itself at \w{3} [\d-]{10} 00:00 UTC\.$/,
  );
  expect(waits.steps).toEqual([
    { to: expect.stringContaining("wait again if nothing has changed"), command: waits.command },
  ]);
  expect(mails(stage)).toHaveLength(5);
  await run.terminate();
});

test("a pace of one mail in twenty seconds works, and a new one acts at once", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 12, poolId: freshPoolId("slow") });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 0, perSecond: 0.05 } } });
  await stage.work();
  const run = await stage.start();
  await standing(run, "approval_resets");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await until("a mail went out", () => mails(stage).length >= 1);
  const before = mails(stage).length;
  await until("the mail is counted while its batch goes on", async () => {
    const totals = await stage.withLedger(async (ledger) => {
      const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
      return migration && ledger.read((db) => liveTotals(db, runOf(migration)));
    });
    return (totals?.resets?.done ?? 0) > 0 && totals?.resets?.of === 12;
  });
  await run.executeUpdate(setPaceUpdate, { args: [{ resetsPerSecond: 500 }] });
  const changedAtMs = Date.now();
  await until("the others follow", () => mails(stage).length === 12);
  expect(Date.now() - changedAtMs).toBeLessThan(5_000);
  expect(before).toBeLessThanOrEqual(2);
  await run.result();
});

test("whoever got a password meanwhile is not mailed", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 12, poolId: freshPoolId("meanwhile") });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 2 } } });
  await stage.work();
  const run = await stage.start();
  await standing(run, "approval_resets");
  const mailed = new Set(mails(stage));
  const waiting = pool.users.filter(({ attributes }) => !mailed.has(attributes.email ?? ""));
  const [moved, reset, killed, asked, weak] = waiting;
  if (!moved || !reset || !killed || !asked || !weak) throw new Error("Everybody was mailed.");
  const accountOf = ({ sub }: PoolUser) =>
    [...stage.workos.users.values()].find((one) => one.external_id === sub)?.id ?? "";
  const id = await stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, pool.poolId));
    const migrationId = migration?.id ?? 0;
    const resets = [
      {
        ...{ kind: "completed" as const, resetId: "reset_1", accountId: accountOf(reset) },
        ...{ expiresAtMs: Date.now(), eventId: "event_1", atMs: Date.now() },
      },
    ];
    await ledger.write(async (tx) => {
      await noteMoved(tx, migrationId, moved.sub);
      await copyResetEvents(tx, migrationId, resets, null);
      await beginMove(tx, migrationId, killed.sub);
      // Long ago: whatever begun it has ended.
      await tx.updateTable("bridge_moves").set({ begun_at_ms: 1 }).where("sub", "=", killed.sub).execute();
      await noteAsked(tx, migrationId, asked.sub);
      await tx.updateTable("mails").set({ claimed_at_ms: 1 }).where("sub", "=", asked.sub).execute();
      await beginMove(tx, migrationId, weak.sub);
    });
    return migrationId;
  });
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await until("all but one are through", () => mails(stage).length === 7);
  expect(mails(stage)).not.toContain(weak.attributes.email);
  await stage.withLedger((ledger) => ledger.write((tx) => endMove(tx, id, weak.sub)));
  const { mails: counted } = await run.result();
  const one = (reason: string) => ({ reason, people: 1 });
  expect(counted).toEqual({
    ...{ mailed: 8, unsettled: 0, failed: [], notDue: [], before: 0 },
    heldBack: ["already_reset", "asked_already", "moved_by_bridge", "password_in_doubt"].map(one),
  });
  expect(mails(stage)).toHaveLength(8);
  for (const user of [moved, reset, killed, asked]) expect(mails(stage)).not.toContain(user.attributes.email);
  const skipped = await stage.withLedger(async (ledger) =>
    ledger.read((db) =>
      db
        .selectFrom("work_items")
        .select(["key as sub", "code"])
        .where("phase", "=", "resets")
        .where("state", "=", "skipped")
        .execute(),
    ),
  );
  expect(new Map(skipped.map(({ sub, code }) => [sub, code]))).toEqual(
    new Map([
      [moved.sub, "moved_by_bridge"],
      [reset.sub, "already_reset"],
      [killed.sub, "password_in_doubt"],
      [asked.sub, "asked_already"],
    ]),
  );
});

test("a second run judges everybody anew, and waits again", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 20, poolId: freshPoolId("anew") });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 2 } } });
  await stage.work();
  const first = await stage.start();
  await standing(first, "approval_resets");
  await first.cancel();
  await expect(first.result()).rejects.toThrow();
  const mailed = new Set(mails(stage));
  const open = pool.users.filter(({ attributes }) => !mailed.has(attributes.email ?? ""));
  const [disabled, named] = open;
  if (disabled === undefined || named === undefined) throw new Error("Everybody was mailed.");
  disabled.enabled = false;
  stage.file.passwordResets = { ...SEND, canary: [named.sub] };
  const second = await stage.start();
  const waits = await standing(second, "approval_resets");
  // The one whom the file names comes after the approval, like all others of a later run.
  expect(waits.sentence).toMatch(
    /^This run has mailed nobody yet\. An approval mails 17 people, .* 2 were mailed before this run/,
  );
  expect(mails(stage)).toHaveLength(2);
  await second.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await second.result();
  expect(new Set(mails(stage)).size).toBe(19);
  expect(mails(stage)).toHaveLength(19);
  expect(mails(stage)).not.toContain(disabled.attributes.email);
  // A person who is enabled again is mailed by the next run, by the approval of the one before.
  disabled.enabled = true;
  const third = await stage.start();
  expect((await third.result()).mails).toMatchObject({ mailed: 1, before: 19, approvedEarlier: true });
  expect(mails(stage)).toHaveLength(20);
  expect(await toldOfMails(stage)).toEqual([
    expect.stringContaining("1 person is mailed by the approval of an earlier run"),
  ]);
});

/** Findings of the campaign. */
function toldOfMails(stage: Stage): Promise<string[]> {
  return stage.withLedger(async (ledger) => {
    const [migration] = await ledger.read((db) => migrationsOfPool(db, stage.pool.poolId));
    const findings = await ledger.read((db) => readFindings(db, migration?.id ?? 0));
    return findings.filter(({ phase }) => phase === "resets").map(({ sentence }) => sentence);
  });
}

/** A run whose mails are approved as soon as it asks. */
async function approvedRun(stage: Stage): Promise<Run> {
  const run = await stage.start();
  await standing(run, "approval_resets");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  return run;
}

test("whoever came since is mailed by an earlier approval, unless the file mails otherwise by now", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 12, poolId: freshPoolId("since") });
  const [late, later, latest] = pool.users.slice(-3);
  if (late === undefined || later === undefined || latest === undefined) throw new Error("There is nobody.");
  for (const user of [late, later, latest]) user.enabled = false;
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 2 } } });
  await stage.work();
  await (await approvedRun(stage)).result();
  expect(mails(stage)).toHaveLength(9);

  // Nobody to mail, nobody to ask; and nothing is forgotten by that.
  await (await stage.start()).result();
  late.enabled = true;
  await (await stage.start()).result();
  expect(mails(stage)).toHaveLength(10);

  later.enabled = true;
  stage.file.passwordResets = { ...SEND, canary: 1 };
  const asking = await stage.start();
  const { sentence } = await standing(asking, "approval_resets");
  expect(sentence).toContain("An approval mails 1 person");
  expect(await toldOfMails(stage)).toEqual([]);
  await asking.cancel();
  await expect(asking.result()).rejects.toThrow();

  // One that asked and was not approved leaves nothing to go by, whatever the file says since.
  stage.file.passwordResets = { ...SEND, canary: 2 };
  const again = await stage.start();
  await standing(again, "approval_resets");
  expect(mails(stage)).toHaveLength(10);
  await again.terminate();
});

test("more people than were approved are asked about, as after a pilot", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 12, poolId: freshPoolId("more") });
  for (const user of pool.users.slice(2)) user.enabled = false;
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 0 } } });
  await stage.work();
  await (await approvedRun(stage)).result();
  expect(mails(stage)).toHaveLength(2);
  for (const user of pool.users.slice(2)) user.enabled = true;
  const run = await stage.start();
  const { sentence } = await standing(run, "approval_resets");
  expect(sentence).toContain("An approval mails 10 people");
  await run.terminate();
});

test("a dry run counts whom a run would mail, who was mailed before, and why others are not", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 6, poolId: freshPoolId("drymails") });
  const [first, second] = pool.users;
  if (!first || !second) throw new Error("The pool is too small.");
  first.attributes.email_verified = "false";
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: [second.sub] } } });
  await stage.work();
  const notDue = [{ reason: "unverified", people: 1 }];
  stage.file.dryRun = true;
  expect((await (await stage.start()).result()).mails).toMatchObject({ mailed: 5, before: 0, notDue });
  stage.file.dryRun = false;
  const run = await stage.start();
  await standing(run, "approval_resets");
  await run.cancel();
  await run.result().catch(() => undefined);
  stage.file.dryRun = true;
  expect((await (await stage.start()).result()).mails).toMatchObject({ mailed: 4, before: 1, notDue });
});

test("whoever has a password and is merged into an account without one is counted with that reason", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 4, poolId: freshPoolId("mergedmails") });
  const late = pool.users.pop();
  const [federated] = pool.users;
  if (!federated || !late) throw new Error("The pool is too small.");
  federated.status = "EXTERNAL_PROVIDER";
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 0 } } });
  await stage.work();
  stage.file.passwordResets = { ...SEND, send: false };
  await (await stage.start()).result();
  // The account that stands is not given up for one that comes later.
  late.attributes.email = federated.attributes.email ?? "";
  pool.users.push(late);
  const notDue = ["federated", "merged_into_federated"].map((reason) => ({ reason, people: 1 }));
  stage.file.passwordResets = { ...SEND, canary: 0 };
  stage.file.dryRun = true;
  expect((await (await stage.start()).result()).mails).toMatchObject({ mailed: 2, notDue });
  stage.file.dryRun = false;
  const run = await stage.start();
  await standing(run, "approval_resets");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  expect((await run.result()).mails).toMatchObject({ mailed: 2, notDue });
});

test("a pilot mails its own people", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 15, poolId: freshPoolId("pilotmails") });
  const stage = await setStage({ pool });
  await stage.work();
  await (await stage.start()).result();
  const subs = pool.users.slice(4, 7).map(({ sub }) => sub);
  stage.file.only = { subs };
  stage.file.passwordResets = { ...SEND, canary: 0 };
  const pilot = await stage.start();
  await standing(pilot, "approval_resets");
  await pilot.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await pilot.result();
  expect(mails(stage).toSorted()).toEqual(
    pool.users
      .slice(4, 7)
      .map(({ attributes }) => attributes.email)
      .toSorted(),
  );
});

test.each(["destination", "own"] as const)(
  "nobody gets a link to the account of somebody who has their address now, mails by %s",
  { timeout: LONG_TEST_MS },
  async (delivery) => {
    const webhook = await startWebhookDouble(WEBHOOK_SECRET);
    onTestFinished(() => webhook.close());
    const pool = plainPool({ users: 4, poolId: freshPoolId(`swap${delivery}`) });
    const stage = await setStage({ pool });
    await stage.work({ SPILLWAY_MAIL: `webhook:${webhook.url}`, SPILLWAY_MAIL_SECRET: WEBHOOK_SECRET });
    await (await stage.start()).result();
    const [alice, bob, carol, dave] = pool.users;
    if (!alice || !bob || !carol || !dave) throw new Error("The pool is too small.");
    const accountOf = ({ sub }: PoolUser) =>
      [...stage.workos.users.values()].find((one) => one.external_id === sub);
    // In Cognito they swap their addresses; Dave's account is gone, and somebody else has his address there.
    const alices = alice.attributes.email ?? "";
    alice.attributes.email = bob.attributes.email ?? "";
    bob.attributes.email = alices;
    const daves = accountOf(dave);
    if (daves === undefined) throw new Error("Dave was not imported.");
    stage.workos.stores.users.remove(daves);
    stage.workos.seed([{ email: daves.email }]);
    // Long ago: no look-up lags so much.
    await stage.withLedger((ledger) =>
      ledger.write((tx) =>
        tx.updateTable("placed").set({ written_at_ms: 1 }).where("key", "=", dave.sub).execute(),
      ),
    );
    stage.file.passwordResets = { ...SEND, canary: 0, delivery };
    const run = await stage.start();
    await standing(run, "approval_resets");
    await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
    await run.result();
    const asked = stage.workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset");
    expect(asked.map(({ key }) => key)).toEqual([carol.attributes.email]);
    if (delivery === "own") expect(webhook.mails.map(({ sub }) => sub)).toEqual([carol.sub]);
    const items = await stage.withLedger(async (ledger) =>
      ledger.read((db) =>
        db
          .selectFrom("work_items")
          .select(["key", "state", "code"])
          .where("phase", "=", "resets")
          .where("state", "<>", "done")
          .execute(),
      ),
    );
    expect(new Map(items.map(({ key, ...rest }) => [key, rest]))).toEqual(
      new Map([
        [alice.sub, { state: "skipped", code: "address_changed" }],
        [bob.sub, { state: "skipped", code: "address_changed" }],
        [dave.sub, { state: "failed", code: "user_missing" }],
      ]),
    );
  },
);

/** A campaign of own mails that was approved. */
async function ownCampaign(
  name: string,
  users: number,
  passwordResets: Partial<Resets>,
  answerTo: WebhookDouble["answerTo"] = () => null,
) {
  const webhook = await startWebhookDouble(WEBHOOK_SECRET);
  webhook.answerTo = answerTo;
  onTestFinished(() => webhook.close());
  const pool = plainPool({ users, poolId: freshPoolId(name) });
  const stage = await setStage({
    pool,
    file: { passwordResets: { ...SEND, canary: 0, delivery: "own", ...passwordResets } },
  });
  await stage.work({ SPILLWAY_MAIL: `webhook:${webhook.url}`, SPILLWAY_MAIL_SECRET: WEBHOOK_SECRET });
  const run = await stage.start();
  await standing(run, "approval_resets");
  return { webhook, stage, run, pool };
}

test("a mailbox that is put off again and again holds nobody up", { timeout: LONG_TEST_MS }, async () => {
  const { webhook, stage, run, pool } = await ownCampaign("putoff", 40, { perSecond: 20 });
  const bad = new Set(pool.users.slice(0, 2).map(({ sub }) => sub));
  const tries = new Map<string, number>();
  webhook.answerTo = ({ sub }) => {
    tries.set(sub, (tries.get(sub) ?? 0) + 1);
    return bad.has(sub) && tries.get(sub) === 1 ? { status: 503, retryAfterSeconds: 2 } : null;
  };
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await until("all the others are mailed", () => webhook.mails.length === 38);
  expect([...bad].map((sub) => tries.get(sub))).toEqual([1, 1]);
  await run.result();
  expect(webhook.mails).toHaveLength(40);
  expect([...bad].map((sub) => tries.get(sub))).toEqual([2, 2]);
  // Another link for each of the two.
  expect(mails(stage)).toHaveLength(42);
});

test("while everybody's mails are put off the run waits, and fails nobody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { webhook, stage, run } = await ownCampaign("away", 20, { perSecond: 4 });
  webhook.answerTo = () => ({ status: 503, retryAfterSeconds: 3 });
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  const waits = await standing(run, "clock");
  expect(waits.sentence).toMatch(/^One mail after the other is put off/);
  // Four in a row, and those in flight beside them.
  expect(webhook.journal.entries.filter(({ status }) => status === 503).length).toBeLessThanOrEqual(8);
  webhook.answerTo = () => null;
  const refused = webhook.journal.entries.filter(({ status }) => status === 503).length;
  await run.result();
  expect(webhook.mails).toHaveLength(20);
  expect(mails(stage)).toHaveLength(20 + refused);
});

test("after the approval nobody waits for a first one who is put off", {
  timeout: LONG_TEST_MS,
}, async () => {
  const refused = { status: 422 } as const;
  const { webhook, stage, run } = await ownCampaign("first", 30, { perSecond: 40, canary: 1 }, () => refused);
  const [first] = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("mails").select(["sub", "state"]).execute()),
  );
  expect(first?.state).toBe("refused");
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await until("it parks", async () => (await progressOf(run)).state === "Blocked");
  webhook.answerTo = ({ sub }) => (sub === first?.sub ? { status: 503, retryAfterSeconds: 600 } : null);
  await run.executeUpdate(resumeUpdate, { args: [undefined] });
  await until("the others are mailed", () => webhook.mails.length === 29);
});

async function unsettledOf(stage: Stage): Promise<number> {
  const rows = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("mails").select("sub").where("state", "=", "unsettled").execute()),
  );
  return rows.length;
}

const EACH: Pick<Fault, "match" | "times"> = { match: { operation: "mail" }, times: 100_000 };

test("while a webhook answers everybody with an error, one mail after the other is a probe", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { webhook, stage, run } = await ownCampaign("errors", 60, { perSecond: 20 });
  webhook.faults.add({ ...EACH, effect: { kind: "status", status: 500 } });
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  const waits = await standing(run, "clock");
  expect(waits.sentence).toMatch(/^One mail after the other gets no clear answer/);
  webhook.faults.clear();
  await run.result();
  const unsettled = await unsettledOf(stage);
  // Four in a row, those in flight beside them, and probes.
  expect(unsettled).toBeLessThanOrEqual(12);
  expect(webhook.mails).toHaveLength(60 - unsettled);
});

test("mails that are left in doubt one after the other park the run, and one goes out first when it goes on", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { webhook, stage, run } = await ownCampaign("silent", 60, { perSecond: 20 });
  // So long that the pace has many mails under way.
  webhook.faults.latencyMs = 1_500;
  webhook.faults.add({ ...EACH, effect: { kind: "status", status: 500 } });
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  const parked = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  expect(parked.code).toBe("mails_unsettled");
  const unsettled = await unsettledOf(stage);
  expect(unsettled).toBeGreaterThan(10);
  expect(unsettled).toBeLessThan(40);
  webhook.faults.clear();
  webhook.faults.latencyMs = 0;
  await run.executeUpdate(resumeUpdate, { args: [undefined] });
  await run.result();
  expect(webhook.mails).toHaveLength(60 - unsettled);
});

test("while the destination says of nobody who has their address the run waits, and fails nobody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const pool = plainPool({ users: 30, poolId: freshPoolId("nobody") });
  const stage = await setStage({ pool, file: { passwordResets: { ...SEND, canary: 0 } } });
  await stage.work();
  const run = await stage.start();
  await standing(run, "approval_resets");
  stage.workos.faults.add({
    match: { operation: "getUserByExternalId" },
    times: 100_000,
    effect: { kind: "status", status: 503 },
  });
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  const waits = await standing(run, "clock");
  expect(waits.sentence).toMatch(/^The destination does not say who has which address/);
  stage.workos.faults.clear();
  await auditRun(stage, await run.result());
  expect(mails(stage)).toHaveLength(30);
});

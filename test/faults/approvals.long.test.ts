import { expect, onTestFinished, test } from "vitest";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { FILE, SEVERAL, tenants } from "./changing-pool.ts";
import { backUpLedger } from "./restore.ts";
import { progressOf, type Run, type Stage, type StageWish, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** An approval holds for one campaign. Which later ones go by it, and which ask somebody anew. */

const PEOPLE = 12;
const SEND = { send: true, canary: 0, acceptMfaLoss: true } as const;
const SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";

type SomeRun = Run | Awaited<ReturnType<Stage["redrive"]>>;

function mailsOf({ workos }: Stage): string[] {
  const sent = workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset");
  return sent.flatMap(({ key }) => key ?? []);
}

/** What the run says when it asks. Fails where it ends without. */
function asked(run: SomeRun): Promise<string> {
  return until("somebody is asked", async () => {
    const { waitsFor } = await progressOf(run);
    if (waitsFor?.code === "approval_resets") return waitsFor.sentence;
    const { status } = await run.describe();
    if (status.name !== "RUNNING") throw new Error(`The run is ${status.name}, and nobody was asked.`);
    return null;
  });
}

const approve = (run: SomeRun) => run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });

/** A stage on which the destination will refuse some people for a reason that is mended later. */
async function refusing(fails: number, perSecond: number, workos: StageWish["workos"] = {}): Promise<Stage> {
  const file = { ...FILE, passwordResets: { ...SEND, perSecond } };
  const stage = await setStage({ pool: tenants(PEOPLE), workos: { ...SEVERAL, ...workos }, file });
  const effect = { kind: "status", status: 422, body: { code: "not_now", message: "Not now." } } as const;
  stage.workos.faults.add({ match: { operation: "createUser", after: 3 }, times: fails, effect });
  return stage;
}

async function approvedRun(stage: Stage): Promise<void> {
  const run = await stage.start();
  await asked(run);
  await approve(run);
  await run.result();
}

test.each(["redrive", "start"] as const)(
  "after a redrive whose mails were cancelled somebody is asked: %s",
  async (next) => {
    const stage = await refusing(5, 2);
    await stage.work();
    await approvedRun(stage);
    const before = mailsOf(stage).length;
    const cancelled = await stage.redrive();
    await until("it mails", () => mailsOf(stage).length > before);
    await cancelled.cancel();
    await cancelled.result().catch(() => undefined);
    const mailed = mailsOf(stage).length;
    expect(mailed).toBeLessThan(PEOPLE);
    const run = await stage[next]();
    await asked(run);
    expect(mailsOf(stage)).toHaveLength(mailed);
    await run.terminate();
  },
);

test("a redrive that has more to mail than was approved asks, and counts each mail once", async () => {
  const stage = await refusing(8, 100);
  await stage.work();
  await approvedRun(stage);
  expect(mailsOf(stage)).toHaveLength(4);
  const redrive = await stage.redrive();
  expect(await asked(redrive)).toMatch(/An approval mails 8 people, .* 4 were mailed before this run/);
  expect(mailsOf(stage)).toHaveLength(4);
  await approve(redrive);
  expect((await redrive.result()).mails).toMatchObject({ mailed: PEOPLE, before: 0 });
  expect(new Set(mailsOf(stage)).size).toBe(PEOPLE);
});

async function twoReceivers() {
  const receivers = [await startWebhookDouble(SECRET), await startWebhookDouble(SECRET)] as const;
  onTestFinished(async () => {
    for (const receiver of receivers) await receiver.close();
  });
  return receivers;
}

/** A worker whose mails go to this receiver. */
function workFor(stage: Stage, { url }: { url: string }) {
  return stage.startWorker({ SPILLWAY_MAIL: `webhook:${url}`, SPILLWAY_MAIL_SECRET: SECRET });
}

test("mails by another receiver than the approved ones ask anew", async () => {
  const receivers = await twoReceivers();
  const pool = plainPool({ users: 4, poolId: freshPoolId("receiver") });
  const late = pool.users.splice(2);
  const passwordResets = { ...SEND, delivery: "own", perSecond: 20 } as const;
  const stage = await setStage({ pool, file: { passwordResets } });
  const worker = workFor(stage, receivers[0]);
  await approvedRun(stage);
  await worker.end("SIGTERM");
  pool.users.push(...late);
  workFor(stage, receivers[1]);
  const run = await stage.start();
  expect(await asked(run)).toContain("An approval mails 2 people");
  expect(receivers.map(({ mails }) => mails.length)).toEqual([2, 0]);
  await run.terminate();
});

test("a run whose mails get another receiver after the question mails its first ones anew, and asks anew", async () => {
  const receivers = await twoReceivers();
  const mailed = () => receivers.map(({ mails }) => mails.length);
  const pool = plainPool({ users: 8, poolId: freshPoolId("switched") });
  const late = pool.users.splice(6);
  const passwordResets = { ...SEND, canary: 2, delivery: "own", perSecond: 20 } as const;
  const stage = await setStage({ pool, file: { passwordResets } });
  const worker = workFor(stage, receivers[0]);
  const run = await stage.start();
  expect(await asked(run)).toMatch(/^The first 2 people were mailed\. An approval mails 4 people/);
  await worker.end("SIGTERM");
  const next = workFor(stage, receivers[1]);
  await next.ready();
  await approve(run);
  const sentence = await until("it asks anew", async () => {
    const { waitsFor } = await progressOf(run);
    return waitsFor?.sentence.startsWith("The workers' mails have another sender") ? waitsFor.sentence : null;
  });
  expect(sentence).toMatch(/look at\. The first 2 people were mailed\. An approval mails 2 people/);
  expect(mailed()).toEqual([2, 2]);
  await approve(run);
  await run.result();
  expect(mailed()).toEqual([2, 4]);
  // The approval is of the receiver's mails that somebody has seen.
  pool.users.push(...late.splice(1));
  await (await stage.start()).result();
  expect(mailed()).toEqual([2, 5]);
  await next.end("SIGTERM");
  workFor(stage, receivers[0]);
  pool.users.push(...late);
  const last = await stage.start();
  await asked(last);
  expect(mailed()).toEqual([2, 5]);
  await last.terminate();
});

test.each(["redrive", "start"] as const)(
  "with a ledger that was restored somebody is asked, and mails wait for the destination's record: %s",
  async (next) => {
    // What was mailed does not show in the destination's record yet.
    const stage = await refusing(5, 100, { eventsLagMs: 60_000 });
    let worker = stage.startWorker();
    await approvedRun(stage);
    await worker.end("SIGTERM");
    const restore = backUpLedger(stage);
    worker = stage.startWorker();
    await (await stage[next]()).result();
    expect(mailsOf(stage)).toHaveLength(PEOPLE);
    await worker.end("SIGTERM");
    restore();
    stage.startWorker();
    const run = await stage[next]();
    await asked(run);
    await approve(run);
    const { sentence } = await until("it waits for the record", async () => {
      const { waitsFor } = await progressOf(run);
      return waitsFor?.code === "clock" ? waitsFor : null;
    });
    expect(sentence).toMatch(/^The ledger may have forgotten mails/);
    expect(mailsOf(stage)).toHaveLength(PEOPLE);
    await run.terminate();
  },
);

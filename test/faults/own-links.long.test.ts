import { expect, onTestFinished, test } from "vitest";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { backUpLedger } from "./restore.ts";
import { progressOf, type Run, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** Mails of one's own: the destination's record names links, and the ledger knows which of them were handed over. */

const LONG_TEST_MS = 300_000;
const SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";
const PEOPLE = 12;

async function setOwnStage(name: string) {
  const webhook = await startWebhookDouble(SECRET);
  onTestFinished(() => webhook.close());
  const pool = plainPool({ users: PEOPLE, poolId: freshPoolId(name) });
  const passwordResets = {
    send: true,
    delivery: "own",
    perSecond: 20,
    canary: 0,
    acceptMfaLoss: true,
  } as const;
  const stage = await setStage({ pool, file: { passwordResets } });
  const settings = { SPILLWAY_MAIL: `webhook:${webhook.url}`, SPILLWAY_MAIL_SECRET: SECRET };
  const links = () =>
    stage.workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset");
  return { stage, webhook, links, startWorker: () => stage.startWorker(settings) };
}

async function waits(run: Run): Promise<void> {
  await until("the run waits", async () => (await progressOf(run)).state === "Waiting");
}

async function approve(run: Run): Promise<void> {
  await waits(run);
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
}

/** How many people's mails are so. */
async function inState(stage: Stage, state: "mailed" | "unsettled"): Promise<number> {
  const mails = await stage.withLedger((ledger) =>
    ledger.read((db) => db.selectFrom("mails").select("sub").where("state", "=", state).execute()),
  );
  return mails.length;
}

test.each([
  ["one that is put off", "later"],
  ["one that is refused", "refused"],
] as const)(
  "whoever has a mail that the back-up does not know gets no other: %s",
  {
    timeout: LONG_TEST_MS,
  },
  async (_, answer) => {
    const { stage, webhook, startWorker } = await setOwnStage(answer);
    let worker = startWorker();
    let run = await stage.start();
    await waits(run);
    const isRefused = answer === "refused";
    if (isRefused)
      webhook.faults.add({ match: { operation: "mail" }, times: 1, effect: { kind: "status", status: 422 } });
    let putOff: string | null = null;
    let isPuttingOff = !isRefused;
    webhook.answerTo = ({ sub }) => {
      if (!isPuttingOff) return null;
      putOff ??= sub;
      return sub === putOff ? { status: 503, retryAfterSeconds: 2 } : null;
    };
    await approve(run);
    // A mail whose answer was not noted yet would be a doubt of its own.
    await until("the others are mailed", async () => (await inState(stage, "mailed")) === PEOPLE - 1);
    if (isRefused) await run.result();
    await worker.end("SIGKILL");
    isPuttingOff = false;
    const restore = backUpLedger(stage);
    worker = startWorker();
    if (isRefused) {
      // Somebody who was refused is judged anew by the next run, which goes by the same approval.
      run = await stage.start();
    }
    await run.result();
    expect(webhook.mails).toHaveLength(PEOPLE);
    await worker.end("SIGKILL");
    restore();

    startWorker();
    const next = await stage.start();
    await next.result();
    expect(webhook.mails).toHaveLength(PEOPLE);
    expect(await inState(stage, "unsettled")).toBe(1);
  },
);

/** After a run that was parked, and cancelled, as its webhook takes nobody's mail: links were made, and handed to nobody. */
async function setDeniedStage(name: string) {
  const own = await setOwnStage(name);
  const { stage, webhook, links, startWorker } = own;
  startWorker();
  const run = await stage.start();
  await waits(run);
  webhook.faults.add({
    match: { operation: "mail" },
    times: 100_000,
    effect: { kind: "status", status: 401 },
  });
  await approve(run);
  await until("the run is parked", async () => (await progressOf(run)).state === "Blocked");
  expect(links().length).toBeGreaterThan(0);
  await run.cancel();
  await run.result().catch(() => undefined);
  return own;
}

test("a webhook that refuses everybody leaves nobody out", { timeout: LONG_TEST_MS }, async () => {
  const { stage, webhook } = await setDeniedStage("denied");
  webhook.faults.clear();

  const next = await stage.start();
  await approve(next);
  await next.result();
  expect(new Set(webhook.mails.map(({ sub }) => sub)).size).toBe(PEOPLE);
  expect(webhook.mails).toHaveLength(PEOPLE);
});

test("links that were handed to nobody are no mails when the destination mails", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, links } = await setDeniedStage("switched");
  const inNobodysHands = links().length;

  stage.file.passwordResets = { ...stage.file.passwordResets, delivery: "destination" };
  const next = await stage.start();
  await approve(next);
  await next.result();
  expect(links()).toHaveLength(inNobodysHands + PEOPLE);
});

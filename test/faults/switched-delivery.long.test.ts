import { expect, onTestFinished, test } from "vitest";
import type { MailDelivery } from "../../src/domain/books.ts";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { progressOf, setStage } from "./stage.ts";
import { until } from "./until.ts";

/** A run mails in one way, dies with a mail in doubt, and the next one mails in the other. */

const LONG_TEST_MS = 300_000;
const SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";

async function setSwitchedStage(delivery: MailDelivery, eventsLagMs: number) {
  const webhook = await startWebhookDouble(SECRET);
  onTestFinished(() => webhook.close());
  const pool = plainPool({ users: 4, poolId: freshPoolId(`from${delivery}`) });
  const passwordResets = { send: true, delivery, perSecond: 20, canary: 0, acceptMfaLoss: true } as const;
  const stage = await setStage({ pool, file: { passwordResets }, workos: { eventsLagMs } });
  const settings = { SPILLWAY_MAIL: `webhook:${webhook.url}`, SPILLWAY_MAIL_SECRET: SECRET };
  const mails = () =>
    stage.withLedger((ledger) =>
      ledger.read((db) => db.selectFrom("mails").select(["sub", "state"]).execute()),
    );
  const links = () =>
    stage.workos.journal.entries.filter(({ operation }) => operation === "createPasswordReset");
  const waitingRun = async () => {
    const run = await stage.start();
    await until("the run waits", async () => (await progressOf(run)).state === "Waiting");
    return { run, approve: () => run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] }) };
  };

  /** How the mail in doubt ended, when the next run is through. */
  const settledAfterSwitch = async (next: MailDelivery, loseOne: () => void) => {
    const worker = stage.startWorker(settings);
    const first = await waitingRun();
    loseOne();
    await first.approve();
    await until("the others are mailed", async () => {
      return (await mails()).filter(({ state }) => state === "mailed").length === 3;
    });
    await worker.end("SIGKILL");
    await first.run.terminate();
    const doubt = (await mails()).find(({ state }) => state === "claimed");
    stage.file.passwordResets = { ...stage.file.passwordResets, delivery: next };
    stage.startWorker(settings);
    const second = await waitingRun();
    await second.approve();
    await second.run.result();
    expect(links()).toHaveLength(4);
    return (await mails()).find(({ sub }) => sub === doubt?.sub)?.state;
  };
  return { stage, webhook, settledAfterSwitch };
}

test("a link of our own is no mail of the destination's", { timeout: LONG_TEST_MS }, async () => {
  const { webhook, settledAfterSwitch } = await setSwitchedStage("own", 0);
  const state = await settledAfterSwitch("destination", () =>
    webhook.faults.add({ match: { operation: "mail" }, times: 1, effect: { kind: "hang" } }),
  );
  expect(state).toBe("unsettled");
});

test("a mail of the destination's is found by a run that mails by itself", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { stage, settledAfterSwitch } = await setSwitchedStage("destination", 20_000);
  const state = await settledAfterSwitch("own", () =>
    stage.workos.faults.add({
      match: { operation: "createPasswordReset" },
      times: 1,
      effect: { kind: "status_after_effect", status: 502 },
    }),
  );
  expect(state).toBe("mailed");
});

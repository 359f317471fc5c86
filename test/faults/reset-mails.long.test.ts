import { expect, onTestFinished, test } from "vitest";
import { z } from "zod";
import { approveUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { startWebhookDouble } from "../doubles/webhook/double.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { recordFigures } from "./figures.ts";
import { hits } from "./history-text.ts";
import { placesOf } from "./places.ts";
import { resetItems } from "./reset-items.ts";
import { progressOf, type Stage, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 180_000;
const USERS = 120;
const SECRET = "2f8c6e1b9d4a7035c8e2b61fa09d5734";

async function setMailStage(name: string, users = USERS) {
  const webhook = await startWebhookDouble(SECRET);
  onTestFinished(() => webhook.close());
  const pool = plainPool({ users, poolId: freshPoolId(name) });
  const stage = await setStage({
    pool,
    file: { passwordResets: { send: true, delivery: "own", perSecond: 60, canary: 0, acceptMfaLoss: true } },
  });
  const settings = {
    SPILLWAY_MAIL: `webhook:${webhook.url}`,
    SPILLWAY_MAIL_SECRET: SECRET,
    LOG_LEVEL: "debug",
  };
  return { webhook, stage, settings };
}

async function approved(stage: Stage) {
  const run = await stage.start();
  await until("the run waits", async () => (await progressOf(run)).state === "Waiting", 60_000);
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  return run;
}

test("own mails reach everybody once, and their tokens nothing else", { timeout: LONG_TEST_MS }, async () => {
  const { webhook, stage, settings } = await setMailStage("own");
  // Refused for now, accepted with an answer that is lost, a server that fails after it took the mail.
  webhook.faults.add(
    {
      match: { operation: "mail", after: 10 },
      times: 2,
      effect: { kind: "status", status: 429, headers: { "retry-after": "1" } },
    },
    { match: { operation: "mail", after: 30 }, times: 1, effect: { kind: "reset_after_effect" } },
    {
      match: { operation: "mail", after: 50 },
      times: 1,
      effect: { kind: "status_after_effect", status: 500 },
    },
  );
  // The link never arrives: nothing was mailed, so another one is made.
  stage.workos.faults.add({
    match: { operation: "createPasswordReset", after: 70 },
    times: 1,
    effect: { kind: "status_after_effect", status: 502 },
  });
  const worker = stage.startWorker(settings);
  const run = await approved(stage);
  await run.result();
  const places = await placesOf(stage, run);
  await worker.end("SIGTERM");
  places.push(["log", worker.output()]);

  expect(webhook.mails).toHaveLength(USERS);
  expect(new Set(webhook.mails.map(({ to }) => to)).size).toBe(USERS);
  const items = await resetItems(stage);
  expect(items.filter(({ state }) => state === "done")).toHaveLength(USERS - 2);
  expect(items.filter(({ code }) => code === "unsettled")).toHaveLength(2);
  const tokens = webhook.mails.map(({ link }) => new URL(link).searchParams.get("token") ?? link);
  for (const [place, text] of places)
    for (const secret of [...tokens, SECRET]) expect(hits(text, secret), `in ${place}`).toBe(0);
  recordFigures("reset tokens searched for in ledger, history, log, report", {
    mails: USERS,
    tokensFound: 0,
  });
});

test("after a kill, nobody gets a second own mail", { timeout: LONG_TEST_MS }, async () => {
  const { webhook, stage, settings } = await setMailStage("killed");
  const first = stage.startWorker(settings);
  const run = await approved(stage);
  await until("mails go out", () => webhook.mails.length > 20);
  await first.end("SIGKILL");
  const inFlight = (await resetItems(stage)).filter(({ state }) => state === "sending").length;
  stage.startWorker(settings);
  await run.result();
  const perAddress = Map.groupBy(webhook.mails, ({ to }) => to);
  expect([...perAddress.values()].filter((mails) => mails.length > 1)).toEqual([]);
  const items = await resetItems(stage);
  const unsettled = items.filter(({ code }) => code === "unsettled").length;
  expect(unsettled).toBeLessThanOrEqual(inFlight);
  expect(items.filter(({ state }) => state === "done")).toHaveLength(USERS - unsettled);
});

test("the destination's own mails leave no token behind either", { timeout: LONG_TEST_MS }, async () => {
  const pool = plainPool({ users: 30, poolId: freshPoolId("tokens") });
  const stage = await setStage({
    pool,
    file: { passwordResets: { send: true, perSecond: 60, canary: 0, acceptMfaLoss: true } },
  });
  const worker = stage.startWorker({ LOG_LEVEL: "debug" });
  const run = await approved(stage);
  await run.result();
  const places = await placesOf(stage, run);
  await worker.end("SIGTERM");
  places.push(["log", worker.output()]);
  const secrets: string[] = [];
  for (const { resetId } of await resetItems(stage)) {
    const answer = await fetch(`${stage.workos.url}/user_management/password_reset/${resetId}`, {
      headers: { authorization: `Bearer ${stage.workos.key}` },
    });
    const { password_reset_token } = z
      .object({ password_reset_token: z.string() })
      .parse(await answer.json());
    secrets.push(password_reset_token);
  }
  expect(secrets.filter((token) => token.length > 10)).toHaveLength(30);
  for (const [place, text] of places)
    for (const secret of secrets) expect(hits(text, secret), `in ${place}`).toBe(0);
});

test("own mails without a place to send them are told before anything moves", async () => {
  const { stage } = await setMailStage("nowhere", 5);
  stage.startWorker();
  const run = await stage.start();
  const waits = await until("the run parks", async () => (await progressOf(run)).waitsFor);
  expect(waits.sentence).toContain("SPILLWAY_MAIL");
  expect(stage.workos.journal.entries.filter(({ operation }) => operation === "createUser")).toEqual([]);
  await run.terminate();
});

test("a receiver that refuses everybody parks the run", { timeout: LONG_TEST_MS }, async () => {
  const { webhook, stage, settings } = await setMailStage("refused", 20);
  webhook.faults.add({
    // The first call is the assessment's.
    match: { operation: "mail", after: 4 },
    times: 1,
    effect: { kind: "status", status: 401 },
  });
  stage.startWorker(settings);
  const run = await approved(stage);
  const waits = await until("the run parks", async () => {
    const { state, waitsFor } = await progressOf(run);
    return state === "Blocked" ? waitsFor : null;
  });
  expect(waits).toMatchObject({ code: "mail_refused", sentence: expect.stringContaining("http_401") });
  await run.executeUpdate(resumeUpdate, { args: [{}] });
  await run.result();
  expect(new Set(webhook.mails.map(({ to }) => to)).size).toBe(20);
  expect(webhook.mails).toHaveLength(20);
});

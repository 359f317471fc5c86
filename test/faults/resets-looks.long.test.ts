import { expect, test } from "vitest";
import { approveUpdate } from "../../src/workflows/messages.ts";
import { plainPool } from "../doubles/pool/make-pool.ts";
import { freshPoolId } from "../setup/fresh-pool-id.ts";
import { recordFigures } from "./figures.ts";
import { resetItems } from "./reset-items.ts";
import { FAST_PACE, progressOf, setStage } from "./stage.ts";
import { until } from "./until.ts";

const LONG_TEST_MS = 300_000;
const USERS = 2_000;
const MAILS_PER_SECOND = 40;
const PAGES = Math.ceil(USERS / 60);

/** At Cognito's default pace, which look-ups of everybody would exceed. */
async function campaign(name: string) {
  const stage = await setStage({
    pool: plainPool({ users: USERS, poolId: freshPoolId(name) }),
    file: {
      pace: { ...FAST_PACE, pagesPerSecond: 10 },
      passwordResets: { send: true, perSecond: MAILS_PER_SECOND, canary: 0, acceptMfaLoss: true },
    },
  });
  const worker = stage.startWorker();
  const run = await stage.start();
  // A worker that only just starts answers no query in time.
  const state = async () => (await progressOf(run).catch(() => null))?.state;
  await until("the run waits", async () => (await state()) === "Waiting", LONG_TEST_MS);
  const before = lists();
  await run.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  function lists(): number {
    return stage.cognito.journal.entries.filter(({ operation }) => operation === "ListUsers").length;
  }
  const mails = () =>
    stage.workos.journal.entries.filter(
      ({ operation, status }) => operation === "createPasswordReset" && status === 201,
    );
  return { stage, worker, run, mails, looks: () => lists() - before };
}

test("a campaign above the pace of look-ups holds its own, at a call for each page", {
  timeout: LONG_TEST_MS,
}, async () => {
  const { run, mails, looks } = await campaign("fast");
  const approvedAtMs = performance.now();
  await until("the first is mailed", () => mails().length > 0, LONG_TEST_MS);
  const firstAfterSeconds = (performance.now() - approvedAtMs) / 1_000;
  await until("all are mailed", () => mails().length === USERS, LONG_TEST_MS);
  const seconds = (performance.now() - approvedAtMs) / 1_000;
  await run.result();
  expect(new Set(mails().map(({ key }) => key)).size).toBe(USERS);
  expect(looks()).toBe(PAGES);
  recordFigures("campaign of 2,000 at 40/s, everybody looked at in Cognito before", {
    shareOfPace: USERS / MAILS_PER_SECOND / seconds,
    firstMailAfterSeconds: firstAfterSeconds,
    listUsersCalls: looks(),
  });
});

test("a worker that dies leaves its looks to the next one", { timeout: LONG_TEST_MS }, async () => {
  const { stage, worker, run, mails, looks } = await campaign("killed");
  await until("a part of the pool was looked at", () => looks() >= PAGES / 2, LONG_TEST_MS);
  await worker.end("SIGKILL");
  const second = stage.startWorker();
  await until("mails go out", () => mails().length > 200, LONG_TEST_MS);
  await second.end("SIGKILL");
  stage.startWorker();
  await run.result();
  const perAddress = Map.groupBy(mails(), ({ key }) => key);
  expect([...perAddress.values()].filter((own) => own.length > 1)).toEqual([]);
  const unsettled = (await resetItems(stage)).filter(({ state }) => state !== "done");
  // Only one of the two workers died amid mails: as many as the pace sends in a second were in flight.
  expect(unsettled.length).toBeLessThanOrEqual(MAILS_PER_SECOND);
  expect(mails().length).toBeGreaterThanOrEqual(USERS - unsettled.length);
  // The page that was on its way is asked for once more.
  expect(looks()).toBeLessThanOrEqual(PAGES + 2);
});

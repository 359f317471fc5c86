import { setTimeout as sleep } from "node:timers/promises";
import { WorkflowUpdateStage } from "@temporalio/client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import type { Activities } from "../../src/activities/create-activities.ts";
import { blocked, tooManyFailures } from "../../src/domain/blocked.ts";
import {
  type ProgressAnswer,
  pauseUpdate,
  resumeUpdate,
  setPaceUpdate,
} from "../../src/workflows/messages.ts";
import { until } from "../faults/until.ts";
import { freePort } from "../setup/free-port.ts";
import { startTemporal } from "../setup/temporal-server.ts";
import { type FakeRun, StandStill, startFakeRun } from "./fake-run.ts";
import { OPENED, TOTALS } from "./opened.ts";

/** Temporal ends a run whose history grows for ever. People, and what answers for them, may do the same for ever. */

const SUGGESTED_EVENTS = 60;
/** A timer, a task and an activity; one count may be under way. */
const EVENTS_OF_A_COUNT = 12;
/** What comes quickly is taken together, and costs fewer events: it is done until a second history is seen. */
const MAX_TIMES = 40;

let server: Awaited<ReturnType<typeof startTemporal>>;
beforeAll(async () => {
  const dynamicConfig = { "limit.historyCount.suggestContinueAsNew": String(SUGGESTED_EVENTS) };
  server = await startTemporal({ port: await freePort(), dynamicConfig });
});
afterAll(() => server.stop());

const resume = ({ handle }: FakeRun) => handle.executeUpdate(resumeUpdate, { args: [{}] });
const pause = ({ handle }: FakeRun) => handle.executeUpdate(pauseUpdate);
const setPace = ({ handle }: FakeRun) =>
  handle.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 5 }] });

/** Whoever comes at the moment when one history ends and the next begins is refused, and asks again. */
async function taken(run: FakeRun, update: (run: FakeRun) => Promise<unknown>): Promise<void> {
  await until("the update is taken", () =>
    update(run).then(
      () => true,
      () => false,
    ),
  );
}

const COMPLETE = { status: "complete" as const, totals: TOTALS };
const PARKED = blocked("destination_unreachable");
const GOOGLE = { name: "Google", fault: null, advice: "Set it up." };

/** What is done again and again, until it is over. */
class Again {
  readonly #standing = new StandStill();
  isOver = false;

  end(): void {
    this.isOver = true;
    this.#standing.letGo();
  }

  /** Until it is over, or cancelled. */
  stand(): Promise<void> {
    return this.#standing.stand();
  }
}

/** A provider is missing until it is over. */
const gate = (again: Again): Partial<Activities> => ({
  async awaitProviders({ missing }) {
    if (missing !== null) await again.stand();
    return { status: "gate", missing: again.isOver ? [] : [GOOGLE], totals: TOTALS };
  },
});

interface Case {
  title: string;
  fakes: (again: Again) => Partial<Activities>;
  /** What brings it to where it stands. */
  begin?: (run: FakeRun) => Promise<unknown>;
  /** Where the run stands each time. */
  state: ProgressAnswer["state"];
  act: (run: FakeRun) => Promise<unknown>;
}

const CASES: Case[] = [
  {
    title: "parks before it is open, and is resumed",
    fakes: (again) => ({ open: async () => (again.isOver ? OPENED : PARKED) }),
    state: "Blocked",
    act: resume,
  },
  {
    title: "parks before it is open, with a pace that waits for that, and is resumed",
    fakes: (again) => ({ open: async () => (again.isOver ? OPENED : PARKED) }),
    state: "Blocked",
    async act(run) {
      const waitForStage = WorkflowUpdateStage.ACCEPTED;
      await run.handle.startUpdate(setPaceUpdate, { args: [{ writesPerSecond: 5 }], waitForStage });
      await resume(run);
    },
  },
  {
    title: "parks and is resumed",
    fakes: (again) => ({ assess: async () => (again.isOver ? COMPLETE : PARKED) }),
    state: "Blocked",
    act: resume,
  },
  {
    title: "parks whenever it prepares to go on",
    fakes: (again) => ({
      assess: async () => (again.isOver ? COMPLETE : tooManyFailures("email_refused", 11, 50)),
      prepareResume: async () => (again.isOver ? { reopened: 1 } : PARKED),
    }),
    state: "Blocked",
    act: resume,
  },
  {
    title: "is paused and resumed",
    fakes: (again) => ({ assess: () => again.stand().then(() => COMPLETE) }),
    state: "Running",
    async act(run) {
      await taken(run, pause);
      await taken(run, resume);
    },
  },
  {
    title: "is told to look again at the gate",
    fakes: gate,
    state: "Waiting",
    async act(run) {
      const looks = () => run.calls("awaitProviders").length;
      const before = looks();
      await resume(run);
      // Answers that come before it does are one look.
      await until("it looks again", async () => looks() > before);
    },
  },
  { title: "is given a pace at the gate", fakes: gate, state: "Waiting", act: setPace },
  {
    title: "is given a pace while it is parked",
    fakes: (again) => ({ assess: async () => (again.isOver ? COMPLETE : PARKED) }),
    state: "Blocked",
    act: setPace,
  },
  {
    title: "is given a pace while it is paused",
    fakes: (again) => ({ assess: () => again.stand().then(() => COMPLETE) }),
    begin: pauseAtWork,
    state: "Paused",
    act: setPace,
  },
];

async function pauseAtWork(run: FakeRun): Promise<void> {
  await until("it is at work", () => run.calls("assess").length > 0);
  await pause(run);
}

test.each(CASES)("a run that $title again and again goes on in new histories", async (one) => {
  const again = new Again();
  const run = await startFakeRun(one.fakes(again), {}, server.address);
  await one.begin?.(run);
  const histories = new Set<string>();
  for (let times = 0; histories.size < 2 && times < MAX_TIMES; times += 1) {
    await run.shows(one.state);
    await taken(run, one.act);
    histories.add((await run.handle.describe()).runId);
  }
  await run.shows(one.state);
  again.end();
  if (one.state === "Blocked" || one.state === "Paused") await taken(run, resume);
  await run.handle.result();
  expect(histories.size).toBeGreaterThan(1);
});

/** Temporal's own is 2,000. */
const MAX_UPDATES = 40;

test("a run that is parked takes more updates than Temporal takes of one history", async () => {
  const strict = await startServer({ "history.maxTotalUpdates": String(MAX_UPDATES) });
  const again = new Again();
  const fakes = { assess: async () => (again.isOver ? COMPLETE : PARKED) };
  const run = await startFakeRun(fakes, {}, strict.address);
  const { waitsFor } = await run.shows("Blocked");
  for (let times = 0; times < 2 * MAX_UPDATES; times += 1) await taken(run, setPace);
  const pace = { ...OPENED.pace, writesPerSecond: 5 };
  expect(await run.progress()).toMatchObject({ state: "Blocked", waitsFor, pace });
  again.end();
  await taken(run, resume);
  await run.handle.result();
  expect((await run.handle.describe()).runId).not.toBe(run.handle.firstExecutionRunId);
});

/** Fewer than a run has when it first parks. */
const VERY_FEW_EVENTS = 8;

test("a run that goes on in a new history as it parks calls somebody once, and shows what it showed", async () => {
  const hasty = await startServer({ "limit.historyCount.suggestContinueAsNew": String(VERY_FEW_EVENTS) });
  const run = await startFakeRun({ open: async () => PARKED }, {}, hasty.address);
  await until("a new history begins", async () => {
    const { runId } = await run.handle.describe();
    return runId !== run.handle.firstExecutionRunId;
  });
  expect(await run.progress()).toMatchObject({ state: "Blocked", waitsFor: { sentence: PARKED.sentence } });
  expect(await run.details()).toContain(`**Blocked** in assess: \`${PARKED.code}\``);
  expect(run.calls("alert")).toMatchObject([{ code: PARKED.code }]);
});

test("while mails go out for hours nothing is added to a history that is to end", async () => {
  const batch = new StandStill();
  const range = { from: 1, to: 4_800, dueByMs: 1, ahead: 4_800, isCanary: false };
  const run = await startFakeRun(
    {
      nextResets: async () => ({ status: "send", ...range, totals: TOTALS }),
      async sendResets() {
        await batch.stand();
        return { status: "sent", totals: TOTALS, waitMs: 0, why: "" };
      },
    },
    {},
    server.address,
  );
  await batch.begun;
  const length = async () => (await run.handle.describe()).historyLength;
  await until("the history is to end", async () => (await length()) >= SUGGESTED_EVENTS, 180_000);
  await run.settled();
  const before = await length();
  const counted = run.calls("countPhase").length;
  // Counts are twenty seconds apart at the most.
  await sleep(45_000);
  expect(run.calls("countPhase").length - counted).toBeLessThanOrEqual(1);
  expect((await length()) - before).toBeLessThanOrEqual(EVENTS_OF_A_COUNT);
  batch.letGo();
}, 240_000);

async function startServer(dynamicConfig: Record<string, string>) {
  const started = await startTemporal({ port: await freePort(), dynamicConfig });
  onTestFinished(() => started.stop());
  return started;
}

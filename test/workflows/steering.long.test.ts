import { WorkflowFailedError } from "@temporalio/client";
import { ApplicationFailure, CancelledFailure, defaultPayloadConverter } from "@temporalio/common";
import { expect, test } from "vitest";
import type { Activities } from "../../src/activities/create-activities.ts";
import { blocked, tooManyFailures } from "../../src/domain/blocked.ts";
import type { Opened } from "../../src/domain/contract.ts";
import { WORKFLOW_TYPES } from "../../src/domain/workflow-id.ts";
import {
  approveUpdate,
  pauseUpdate,
  resumeUpdate,
  skipProviderUpdate,
} from "../../src/workflows/messages.ts";
import { until } from "../faults/until.ts";
import { type FakeRun, StandStill, startFakeRun } from "./fake-run.ts";
import { NOBODY_FIRST, OPENED, RUN, TOTALS } from "./opened.ts";

const SENT = { status: "complete" as const, totals: TOTALS };

function resume({ handle }: FakeRun) {
  return handle.executeUpdate(resumeUpdate, { args: [{}] });
}

/** One range of users is open, until it is sent well. */
function openUsers(send: Activities["sendBatch"]): Partial<Activities> {
  let isOpen = true;
  return {
    findOpenWork: async ({ phase, from }) => ({
      status: "work",
      ranges: phase === "users" && isOpen && from === 1 ? [{ from: 1, to: 10 }] : [],
      totals: TOTALS,
    }),
    async sendBatch(input) {
      const result = await send(input);
      isOpen = result.status === "blocked";
      return result;
    },
  };
}

/** Parks once with failures that `resume` tries again. */
function parksOnce(): Partial<Activities> {
  let times = 0;
  return openUsers(async () => {
    times += 1;
    return times === 1 ? tooManyFailures("email_refused", 11, 50) : SENT;
  });
}

/** What an activity scheduled; none after the last workflow task is of no concern. */
async function scheduled(run: FakeRun, name: keyof Activities): Promise<number> {
  const events = await run.settled();
  return events.filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === name)
    .length;
}

test.each(["cancellation", "nothing"] as const)(
  "a pause holds while resume is being prepared, which heeds %s",
  async (heeds) => {
    const preparing = new StandStill();
    let times = 0;
    const run = await startFakeRun({
      ...parksOnce(),
      async prepareResume() {
        times += 1;
        if (times === 1) await preparing.stand(heeds);
        return { reopened: 1 };
      },
    });
    await run.shows("Blocked", "too_many_failures");
    await resume(run);
    await preparing.begun;
    await run.handle.executeUpdate(pauseUpdate);
    expect((await run.progress()).state).toBe("Paused");
    if (heeds === "nothing") preparing.letGo();
    await until("the preparing has ended", async () =>
      (await run.settled()).some(
        ({
          activityTaskCanceledEventAttributes: cancelled,
          activityTaskCompletedEventAttributes: completed,
        }) =>
          heeds === "nothing"
            ? completed != null && run.calls("prepareResume").length === 1
            : cancelled != null,
      ),
    );
    expect(await scheduled(run, "sendBatch")).toBe(1);
    expect((await run.progress()).state).toBe("Paused");
    await resume(run);
    await run.handle.result();
    expect(run.calls("sendBatch")).toHaveLength(2);
    // What was interrupted is prepared by the second resume, and only then.
    const codes = run.calls("prepareResume").map(({ retries, phase }) => ({ retries, phase }));
    const wanted = { retries: ["email_refused"], phase: "users" };
    expect(codes).toEqual(heeds === "nothing" ? [wanted] : [wanted, wanted]);
  },
);

const COUNTED = { done: 7, failed: 1, skipped: 0, of: 10 };

test.each([
  ["is paused", "Paused", async () => new StandStill().stand()],
  ["parked", "Blocked", async () => tooManyFailures("email_refused", 11, 50)],
] as const)("whoever looks at a run that %s sees what its work had done", async (_, state, send) => {
  const run = await startFakeRun({
    ...openUsers(async () => (await send()) ?? SENT),
    countPhase: async () => COUNTED,
  });
  await until("users are sent", () => run.calls("sendBatch").length > 0);
  if (state === "Paused") await run.handle.executeUpdate(pauseUpdate);
  await run.shows(state);
  await until("they are counted", async () =>
    (await run.progress()).phases.some(({ totals }) => totals.done === COUNTED.done),
  );
  expect(run.calls("countPhase")).toEqual([expect.objectContaining({ phase: "users" })]);
});

test("what resume asked for outlives a park in between", async () => {
  let times = 0;
  const run = await startFakeRun({
    ...parksOnce(),
    async prepareResume() {
      times += 1;
      return times === 1 ? blocked("foreign_worker") : { reopened: 1 };
    },
  });
  await run.shows("Blocked", "too_many_failures");
  await resume(run);
  await run.shows("Blocked", "foreign_worker");
  await resume(run);
  await run.handle.result();
  expect(run.calls("prepareResume").map(({ retries }) => retries)).toEqual([
    ["email_refused"],
    ["email_refused"],
  ]);
});

test("what the operator accepts is not tried again", async () => {
  const run = await startFakeRun(parksOnce());
  await run.shows("Blocked", "too_many_failures");
  await run.handle.executeUpdate(resumeUpdate, { args: [{ accept: ["email_refused"] }] });
  await run.handle.result();
  expect(run.calls("prepareResume")).toMatchObject([{ run: RUN, retries: [] }]);
  expect(run.calls("sendBatch").at(-1)).toMatchObject({ accepted: ["email_refused"] });
});

/** Where a run can stand, and how it comes there. */
interface Place {
  title: string;
  fakes: () => Partial<Activities>;
  file?: Partial<Opened>;
  reach(run: FakeRun): Promise<unknown>;
}

const missing = [{ name: "Google", fault: null, advice: "Set it up." }];
const still = (name: keyof Activities) => (): Partial<Activities> => ({
  [name]: () => new StandStill().stand(),
});
const called = (name: keyof Activities) => (run: FakeRun) =>
  until(`${name} is at work`, () => run.calls(name).length > 0);

const PLACES: Place[] = [
  { title: "opening", fakes: still("open"), reach: called("open") },
  { title: "in a phase of one activity", fakes: still("snapshot"), reach: called("snapshot") },
  {
    title: "in a batch",
    fakes: () => openUsers(() => new StandStill().stand().then(() => SENT)),
    reach: called("sendBatch"),
  },
  {
    title: "at the gate",
    fakes: () => ({
      async awaitProviders({ missing: known }) {
        if (known !== null) await new StandStill().stand();
        return { status: "gate", missing, totals: TOTALS };
      },
    }),
    reach: (run) => run.shows("Waiting", "providers"),
  },
  {
    title: "before an approval",
    fakes: () => ({ nextResets: async () => ({ status: "approval", totals: TOTALS, ...NOBODY_FIRST }) }),
    reach: (run) => run.shows("Waiting", "approval_resets"),
  },
  {
    title: "before the send window",
    fakes: () => ({
      nextResets: async () => ({
        status: "wait",
        forMs: 3_600_000,
        why: "The send window is shut.",
        totals: TOTALS,
      }),
    }),
    reach: (run) => run.shows("Waiting", "clock"),
  },
  {
    title: "parked",
    fakes: () => ({ verify: async () => blocked("access_lost_destination") }),
    reach: (run) => run.shows("Blocked"),
  },
  {
    title: "parked before it opened",
    fakes: () => ({ open: async () => blocked("ledger_owned") }),
    reach: (run) => run.shows("Blocked"),
  },
  {
    title: "preparing to go on",
    fakes: () => ({ ...parksOnce(), ...still("prepareResume")() }),
    async reach(run) {
      await run.shows("Blocked");
      await resume(run);
      await called("prepareResume")(run);
    },
  },
  { title: "closing", fakes: still("close"), reach: called("close") },
];

test.each(PLACES)("a pause acts at once: $title", async ({ fakes, reach }) => {
  const run = await startFakeRun(fakes());
  await reach(run);
  const isParked = (await run.progress()).state === "Blocked";
  const pausedAtMs = Date.now();
  await run.handle.executeUpdate(pauseUpdate);
  await until("nothing is at work", async () => {
    const { raw } = await run.handle.describe();
    return (raw.pendingActivities ?? []).length === 0;
  });
  expect(Date.now() - pausedAtMs).toBeLessThan(2_000);
  const { state, waitsFor } = await run.progress();
  expect(state).toBe(isParked ? "Blocked" : "Paused");
  expect(waitsFor?.command).toMatch(/^\.\/spillway resume /);
});

test.each(PLACES)("a cancelled run ends as cancelled: $title", async ({ fakes, reach }) => {
  const run = await startFakeRun(fakes());
  await reach(run);
  await run.handle.cancel();
  const error: unknown = await run.handle.result().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect(error).toMatchObject({ cause: expect.any(CancelledFailure) });
  expect((await run.handle.describe()).status.name).toBe("CANCELLED");
  expect(await run.progress()).toMatchObject({ state: "Cancelled", waitsFor: null });
});

test.each(WORKFLOW_TYPES)("a cancelled run leaves the ledger to the next one: %s", async (type) => {
  const isWorking = Promise.withResolvers<void>();
  const stand = async () => {
    isWorking.resolve();
    await new StandStill().stand();
    return SENT;
  };
  const run = await startFakeRun(
    { verifyAlone: stand, planRedrive: stand, planUndo: stand, plan: stand },
    {},
    undefined,
    type,
  );
  await isWorking.promise;
  await run.handle.cancel();
  await run.handle.result().catch(() => undefined);
  expect((await run.handle.describe()).status.name).toBe("CANCELLED");
  expect(run.calls("disown")).toEqual([{ run: RUN }]);
});

test("so does one that is cancelled while it opens the ledger, and one that nobody can tell it", async () => {
  const opening = new StandStill();
  const run = await startFakeRun({
    open: () => opening.stand("nothing").then(() => OPENED),
    async disown() {
      throw ApplicationFailure.nonRetryable("The ledger does not answer.");
    },
  });
  await opening.begun;
  await run.handle.cancel();
  await until("it has heard of that", async () => {
    const { events } = await run.handle.fetchHistory();
    return events?.some(({ activityTaskCancelRequestedEventAttributes: asked }) => asked != null);
  });
  opening.letGo();
  await run.handle.result().catch(() => undefined);
  expect((await run.handle.describe()).status.name).toBe("CANCELLED");
  expect(run.calls("disown")).toEqual([{ run: RUN }]);
});

test("a paused run ends as cancelled, and offers nothing to answer any more", async () => {
  const run = await startFakeRun(still("snapshot")());
  await called("snapshot")(run);
  await run.handle.executeUpdate(pauseUpdate);
  await run.handle.cancel();
  await run.handle.result().catch(() => undefined);
  expect((await run.handle.describe()).status.name).toBe("CANCELLED");
  expect(await run.progress()).toMatchObject({ state: "Cancelled", waitsFor: null });
  const details = await run.details();
  expect(details).toMatch(/^\*\*Cancelled\*\* in snapshot\n/);
  expect(details).not.toContain("./spillway");
});

test.each([
  ["open", "ledger_owned"],
  ["assess", "source_unreachable"],
  ["credentials", "access_lost_destination"],
  ["plan", "organization_refused"],
  ["close", "ledger_full"],
] as const)("a dry run that would park in %s fails with the sentence", async (name, code) => {
  const reason = blocked(code);
  const run = await startFakeRun({ [name]: async () => reason }, { dryRun: true });
  await expect(run.handle.result()).rejects.toMatchObject({
    cause: { message: reason.sentence, type: code },
  });
  expect(run.calls("alert")).toEqual([]);
  // As long as it has not opened the ledger it owns nothing.
  expect(run.calls("disown")).toHaveLength(name === "open" ? 0 : 1);
});

test("a dry run neither waits for providers nor sends mails", async () => {
  const run = await startFakeRun(
    {
      awaitProviders: async () => ({ status: "gate", missing, totals: TOTALS }),
      nextResets: async () => ({ status: "approval", totals: TOTALS, ...NOBODY_FIRST }),
    },
    { dryRun: true },
  );
  await run.handle.result();
  for (const name of ["awaitProviders", "findOpenWork", "nextResets", "verify"] as const)
    expect(run.calls(name)).toEqual([]);
});

test("a run that waited for the clock and finds nothing left is not shown as waiting", async () => {
  let times = 0;
  const verifying = new StandStill();
  const run = await startFakeRun({
    async nextResets() {
      times += 1;
      if (times > 1) return SENT;
      return { status: "wait", forMs: 3_600_000, why: "The send window is shut.", totals: TOTALS };
    },
    verify: () => verifying.stand().then(() => SENT),
  });
  await run.shows("Waiting", "clock");
  await resume(run);
  await verifying.begun;
  expect(await run.progress()).toMatchObject({ state: "Running", waitsFor: null, phase: "verify" });
  verifying.letGo();
  await run.handle.result();
});

test("an approval is asked for once, and lets the campaign go on", async () => {
  const run = await startFakeRun({
    nextResets: async ({ approved }) =>
      approved ? SENT : { status: "approval", totals: TOTALS, ...NOBODY_FIRST },
  });
  await run.shows("Waiting", "approval_resets");
  await run.handle.executeUpdate(pauseUpdate);
  await resume(run);
  await run.shows("Waiting", "approval_resets");
  await run.handle.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await run.handle.result();
  expect(run.calls("alert")).toMatchObject([{ run: RUN, code: "approval_resets" }]);
});

test("an approval of one sender's mails lets none of another one go", async () => {
  const question = { status: "approval", totals: TOTALS, ...NOBODY_FIRST } as const;
  const run = await startFakeRun({
    // Another worker takes over after the first approval.
    async nextResets({ approved, asking = 0 }) {
      if (approved && asking === 1) return SENT;
      return { ...question, asking: approved ? 1 : asking };
    },
  });
  const approve = () => run.handle.executeUpdate(approveUpdate, { args: [{ step: "resets" }] });
  await run.shows("Waiting", "approval_resets");
  await approve();
  await until("it asks anew", () => run.calls("alert").length > 1);
  const { state, waitsFor } = await run.progress();
  expect(state).toBe("Waiting");
  expect(waitsFor?.sentence).toMatch(
    /^The workers' mails have another sender, or other texts, than those that somebody could look at\. Nobody has got one/,
  );
  await approve();
  await run.handle.result();
});

test("a provider's name stays text wherever the run shows it", async () => {
  const name = "![x](https://x.example)\u001b[2J\n# Done";
  const google = { name: "Google", fault: null, advice: "Set it up." };
  let skipped = 0;
  const run = await startFakeRun({
    async awaitProviders(input) {
      skipped = input.skipped.length;
      if (input.missing !== null && skipped < 2) await new StandStill().stand();
      const all = [{ name, fault: null, advice: `Set up ${name}.` }, google];
      return { status: "gate", missing: all.slice(skipped), totals: TOTALS };
    },
  });
  await run.shows("Waiting", "providers");
  const details = await run.details();
  expect(details).toContain("- **`![x](https://x.example)\ufffd[2J` \\# Done**: Set up ");
  expect(details).not.toMatch(/^# Done/m);
  const answer = await run.handle.executeUpdate(skipProviderUpdate, { args: [{ name, reason: "gone" }] });
  expect(answer).toBe("Skipped ![x](https://x.example)\\u001b[2J\\n# Done; still waiting for Google.");
  await run.handle.executeUpdate(skipProviderUpdate, { args: [{ name: "Google", reason: "gone" }] });
  await run.handle.result();
  const { events } = await run.handle.fetchHistory();
  const summaries = (events ?? []).flatMap(({ userMetadata }) => {
    const payload = userMetadata?.summary;
    return payload == null ? [] : [String(defaultPayloadConverter.fromPayload(payload))];
  });
  expect(summaries).toContain("waits for `![x](https://x.example)\ufffd[2J` \\# Done, Google");
});

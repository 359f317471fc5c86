import { expect, test } from "vitest";
import { type BlockedCode, blocked, tooManyFailures } from "../../src/domain/blocked.ts";
import type { Blocked } from "../../src/domain/contract.ts";
import { pauseUpdate, resumeUpdate } from "../../src/workflows/messages.ts";
import { type FakeRun, StandStill, startFakeRun } from "./fake-run.ts";
import { TOTALS } from "./opened.ts";

/** A run that parks over this once. */
async function parkedOver(reason: Blocked): Promise<FakeRun> {
  let times = 0;
  const run = await startFakeRun({
    async verify() {
      times += 1;
      return times === 1 ? reason : { status: "complete", totals: TOTALS };
    },
  });
  await run.shows("Blocked", reason.code);
  return run;
}

/** The sentence that an update is refused with. */
async function refusal({ handle }: FakeRun, name: string, input?: unknown): Promise<string> {
  const error: unknown = await handle.executeUpdate(name, { args: [input] }).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof Error && error.cause instanceof Error
    ? error.cause.message
    : `not refused: ${error}`;
}

const accept = (run: FakeRun, ...codes: string[]) => refusal(run, "resume", { accept: codes });

test("a run at the gate accepts nothing beforehand, and nothing is kept for later", async () => {
  const run = await startFakeRun({
    async awaitProviders({ missing, skipped }) {
      if (missing !== null && skipped.length === 0) await new StandStill().stand();
      const google = { name: "Google", fault: null, advice: "Set it up." };
      return { status: "gate", missing: skipped.length === 0 ? [google] : [], totals: TOTALS };
    },
    plan: async ({ accepted }) =>
      accepted.length === 0 ? blocked("people_unknown") : { status: "complete", totals: TOTALS },
  });
  await run.shows("Waiting", "providers");
  for (const code of ["people_unknown", "accounts_gone", "poeple_unknown"])
    expect(await accept(run, code)).toBe(
      `resume cannot accept "${code}": nothing can be accepted now; leave it out.`,
    );
  await run.handle.executeUpdate("skipProvider", { args: [{ name: "Google", reason: "gone" }] });
  await run.shows("Blocked", "people_unknown");
});

test.each<BlockedCode>(["people_unknown", "attribute_over_limit", "credentials_failed", "accounts_gone"])(
  "a run that parked over %s accepts that code, and no other",
  async (code) => {
    const run = await parkedOver(blocked(code));
    expect(await accept(run, code, "organization_refused")).toBe(
      `resume cannot accept "organization_refused": what may be accepted now is "${code}".`,
    );
    await run.handle.executeUpdate(resumeUpdate, { args: [{ accept: [code] }] });
    await run.handle.result();
  },
);

test("too many failures are accepted by the failure's code", async () => {
  const run = await parkedOver(tooManyFailures("email_refused", 11, 50));
  expect(await accept(run, "too_many_failures")).toBe(
    'resume cannot accept "too_many_failures": what may be accepted now is "email_refused".',
  );
  await run.handle.executeUpdate(resumeUpdate, { args: [{ accept: ["email_refused"] }] });
  await run.handle.result();
});

test("what nobody can go on with is not accepted, and resume without a code tries again", async () => {
  const run = await parkedOver(blocked("ledger_full"));
  expect(await accept(run, "ledger_full")).toContain("nothing can be accepted");
  await run.handle.executeUpdate(resumeUpdate, { args: [{ accept: [] }] });
  await run.handle.result();
});

test("what an earlier version parked over and said how to accept is accepted", async () => {
  const run = await parkedOver(blocked("accounts_gone", { ways: ["resume"] }));
  await run.handle.executeUpdate(resumeUpdate, { args: [{ accept: ["accounts_gone"] }] });
  await run.handle.result();
});

test("each update that is sent without its input shows what its own looks like", async () => {
  const run = await parkedOver(blocked("ledger_full"));
  expect(await refusal(run, "skipProvider")).toContain(
    '{"name": "Google", "reason": "turned off last year"}',
  );
  expect(await refusal(run, "approve")).toContain('{"step": "resets"}');
  expect(await refusal(run, "setPace")).toContain('{"writesPerSecond": 20}');
  expect(await refusal(run, "resume", "people_unknown")).toContain('{"accept": ["attribute_over_limit"]}');
});

test("a pause of a run that is parked says that it stays so, and what ends both", async () => {
  const run = await parkedOver(blocked("ledger_full"));
  const answer = await run.handle.executeUpdate(pauseUpdate);
  expect(answer).toMatch(/stays Blocked.*`resume` ends the pause as well/);
  expect((await run.progress()).state).toBe("Blocked");
  await run.handle.executeUpdate(resumeUpdate, { args: [undefined] });
  await run.handle.result();
});

import { asyncLocalStorage, Context } from "@temporalio/activity";
import { noopMetricMeter } from "@temporalio/common";
import { expect, onTestFinished, test } from "vitest";
import { type LookRange, sendWithLooks } from "../../src/activities/resets/looks.ts";
import type { Mailing } from "../../src/activities/resets/mailing.ts";
import { PoolLook } from "../../src/activities/resets/pool-look.ts";
import { type Due, resetsWork } from "../../src/activities/resets/resets-work.ts";
import type { SourceAnswer, UserSource } from "../../src/cognito/source.ts";
import type { Destination } from "../../src/destinations/destination.ts";
import { type Call, type Item, sendOne } from "../../src/destinations/sending.ts";
import type { RunRef } from "../../src/domain/contract.ts";
import type { PoolShape, SourceUser } from "../../src/domain/pool.ts";
import { Pulse } from "../../src/engine/heartbeat.ts";
import { destinationPaceKey, pagesPaceKey } from "../../src/engine/pace-keys.ts";
import { Pacer } from "../../src/engine/pacer.ts";
import type { SlotHand } from "../../src/engine/slot-hand.ts";
import { cursorId } from "../../src/engine/steps.ts";
import { moveCursor, takeCursor } from "../../src/ledger/cursors.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { setPace } from "../../src/ledger/pace.ts";
import { addItems } from "../../src/ledger/queue.ts";
import { standingOf } from "../../src/plan/still-as-planned.ts";
import { migrationOf } from "../domain/parse-file.ts";
import { partial } from "../doubles/bulk/vendors.ts";
import { until } from "../faults/until.ts";
import { sourceUser, subOf, testOnBoth } from "../ledger/ledgers.ts";
import { ownedRun } from "./owned-run.ts";

const SOURCE = { region: "eu-west-1", userPoolId: "eu-west-1_AbCdEfGhI" };
const FILE = migrationOf({ source: SOURCE, destination: { kind: "workos" } });
const IDENTITY = { poolId: SOURCE.userPoolId, destinationKind: "many", environment: "env" };
const PEOPLE = 300;
const PAGE = 60;
const PAGES = PEOPLE / PAGE;
const MINUTE_MS = 60_000;

const DOWN = { ok: false, problem: "unavailable", code: "TimeoutError" } as const;
const DENIED = { ok: false, problem: "access_lost", code: "AccessDeniedException" } as const;

function personOf(ordinal: number): SourceUser {
  const attributes = { email: `p${ordinal}@example.com`, email_verified: "true" };
  return sourceUser(subOf(ordinal), { attributes });
}

/** A pool, and what was asked of it. */
function poolOf(people: number) {
  const users = Array.from({ length: people }, (_, index) => personOf(index + 1));
  const asked: string[] = [];
  /** Answers in the place of Cognito's, the next one first; null for its own. */
  const answers: (Exclude<SourceAnswer<never>, { ok: true }> | null)[] = [];
  const source: Partial<UserSource> = {
    describePool: async () => ({ ok: true, value: { mfa: "OFF" } as PoolShape }),
    async listUsers(token, limit) {
      asked.push(`page ${token ?? 0}`);
      const from = Number(token ?? 0);
      const nextToken = from + limit < users.length ? String(from + limit) : null;
      return answers.shift() ?? { ok: true, value: { users: users.slice(from, from + limit), nextToken } };
    },
    async findUser(sub) {
      asked.push(sub);
      return answers.shift() ?? { ok: true, value: users.find((user) => user.sub === sub) ?? null };
    },
  };
  // Nothing else of it is asked.
  return { users, asked, answers, source: source as UserSource };
}

function destination(): Destination {
  const { users, ...rest } = partial.connect({ url: "http://127.0.0.1:1" });
  return {
    ...rest,
    kind: "many",
    environment: "env",
    users: {
      ...users,
      async find(sub) {
        const email = `p${Number(sub.slice(-4))}@example.com`;
        return { ok: true, value: { id: `user of ${sub}`, externalId: sub, email } as never };
      },
    },
  };
}

async function rig(ledger: Ledger, { mailsPerSecond = 1_000, people = PEOPLE } = {}) {
  const run = await ownedRun(ledger, IDENTITY, FILE, "run-1");
  await ledger.write(async (tx) => {
    await setPace(tx, pagesPaceKey(SOURCE, null), 400);
    await setPace(tx, destinationPaceKey({ kind: "many", environment: "env" }, "resets"), mailsPerSecond);
    await addItems(
      tx,
      run,
      "resets",
      0,
      Array.from({ length: people }, (_, index) => ({
        ...({ kind: "user", key: subOf(index + 1), intent: "mail", doubtSinceMs: null } as const),
      })),
    );
  });
  const snapshot = cursorId(run, "snapshot");
  await takeCursor(ledger, snapshot, 1);
  const counters = { pages: Math.ceil(people / PAGE), users: people };
  await ledger.write((tx) => moveCursor(tx, snapshot, 1, { position: null, done: true, counters }));
  const pool = poolOf(people);
  const deps = {
    ledger,
    pacer: new Pacer(ledger),
    sourceOf: () => pool.source,
    destinationOf: destination,
  };
  const rangeOf = (from: number, to: number): LookRange => ({
    ...{ run, from, to, ahead: people - from + 1, isCanary: false },
  });
  return { run, pool, deps, rangeOf };
}

type Rig = Awaited<ReturnType<typeof rig>>;

/** Metrics of an attempt are its context's. */
function inActivity<T>(work: () => Promise<T>): Promise<T> {
  const context: Context = Object.create(Context.prototype, { metricMeter: { value: noopMetricMeter } });
  return asyncLocalStorage.run(context, work);
}

function testInActivity(title: string, run: (ledger: Ledger) => Promise<void>): void {
  testOnBoth(title, async ({ open }) => {
    const ledger = await open();
    await inActivity(() => run(ledger));
  });
}

function pulse(fence = 1, signal = new AbortController().signal): Pulse {
  const info = { currentAttemptScheduledTimestampMs: fence };
  const made = new Pulse({ info, cancellationSignal: signal, heartbeat: () => {} });
  onTestFinished(() => made.stop());
  return made;
}

function ageLooks(ledger: Ledger, run: RunRef, byMs: number, sub?: string) {
  return ledger.write((tx) => {
    const all = tx
      .updateTable("looks")
      .set((eb) => ({ looked_at_ms: eb("looked_at_ms", "-", byMs) }))
      .where("migration_id", "=", run.migrationId);
    return (sub === undefined ? all : all.where("sub", "=", sub)).execute();
  });
}

async function ageWalk(ledger: Ledger, run: RunRef, byMs: number, isDone = true): Promise<void> {
  const id = cursorId(run, "looks");
  const { position, counters } = await takeCursor(ledger, id, 1);
  const moved = { ...counters, beganAtMs: (counters.beganAtMs ?? 0) - byMs };
  await ledger.write((tx) => moveCursor(tx, id, 1, { position, done: isDone, counters: moved }));
}

testInActivity("one walk looks at everybody whom the campaign mails", async (ledger) => {
  const { pool, deps, rangeOf } = await rig(ledger);
  const troubles: unknown[] = [];
  for (const from of [1, 101, 201])
    await sendWithLooks(deps, rangeOf(from, from + 99), pulse(), async (looks) => {
      for (let ordinal = from; ordinal < from + 100; ordinal += 1) {
        const planned = standingOf(personOf(ordinal));
        // Somebody of whom something else was planned.
        const own = ordinal === 7 ? { ...planned, email: "other@example.com" } : planned;
        const trouble = await looks.troubleWith(subOf(ordinal), own);
        if (trouble !== null) troubles.push([ordinal, trouble]);
      }
      return null;
    });
  expect(troubles).toEqual([[7, { kind: "skipped", reason: "changed_in_cognito" }]]);
  expect(pool.asked).toEqual(Array.from({ length: PAGES }, (_, page) => `page ${page * PAGE}`));
});

testInActivity("a walk goes on where a worker left it, and tells who is gone", async (ledger) => {
  const { pool, deps, rangeOf } = await rig(ledger);
  const dying = new AbortController();
  const { listUsers } = pool.source;
  pool.source.listUsers = async (token, limit) => {
    const answer = await listUsers(token, limit);
    if (pool.asked.length === 3) dying.abort(new Error("The worker is gone."));
    return answer;
  };
  const first = sendWithLooks(deps, rangeOf(1, 100), pulse(1, dying.signal), async () => null);
  await expect(first).rejects.toThrow();
  expect(pool.asked).toHaveLength(3);
  const [, late] = pool.users.splice(PEOPLE - 2, 2);
  let trouble: unknown;
  await sendWithLooks(deps, rangeOf(201, 300), pulse(2), async (looks) => {
    trouble = await looks.troubleWith(late?.sub ?? "", standingOf(personOf(PEOPLE)));
    return null;
  });
  expect(trouble).toEqual({ kind: "skipped", reason: "left_out" });
  // Whom the walk did not find is asked for by sub before anybody says that they are gone.
  expect(pool.asked.slice(3)).toEqual(["page 180", "page 240", subOf(PEOPLE)]);
});

testInActivity(
  "while mails go out everybody is looked at again before their looks are old",
  async (ledger) => {
    const { run, pool, deps, rangeOf } = await rig(ledger);
    await sendWithLooks(deps, rangeOf(1, 100), pulse(), async () => null);
    await ageWalk(ledger, run, 8 * MINUTE_MS + 1);
    await sendWithLooks(deps, rangeOf(101, 200), pulse(), async () => {
      await until("the next walk is over", () => pool.asked.length === 2 * PAGES);
      return null;
    });
    // Its looks are those that count: by the earlier ones somebody would be asked for once more.
    await sendWithLooks(deps, rangeOf(201, 300), pulse(), async () => null);
    expect(pool.asked).toHaveLength(2 * PAGES);
  },
);

/** On a busy machine mails are slower than look-ups, and some of these are made again. */
const MANY_TIMES = 30;

/** Each call at Cognito takes so long that all looks before it are older by that; a campaign that never ends fails. */
function slowDown(
  ledger: Ledger,
  { run, pool }: Pick<Rig, "run" | "pool">,
  pageMs: number,
  lookUpMs: number,
) {
  const { listUsers, findUser } = pool.source;
  const later = async (byMs: number) => {
    if (pool.asked.length > MANY_TIMES * PEOPLE) throw new Error("Cognito is asked for ever.");
    await ageLooks(ledger, run, byMs);
  };
  pool.source.listUsers = async (token, limit) => {
    await later(pageMs);
    return listUsers(token, limit);
  };
  pool.source.findUser = async (sub) => {
    await later(lookUpMs);
    return findUser(sub);
  };
}

/** Everybody's turn comes once; nobody is mailed on a look that is old. */
async function sendAll({ run, deps, rangeOf }: Omit<Rig, "pool">, people: number): Promise<string[]> {
  const mailed: string[] = [];
  await sendWithLooks(deps, rangeOf(1, people), pulse(), async (looks) => {
    for (let ordinal = mailed.length + 1; ordinal <= people; ordinal += 1) {
      const sub = subOf(ordinal);
      const trouble = await looks.troubleWith(sub, standingOf(personOf(ordinal)));
      if (trouble?.kind === "stopped") throw trouble.error;
      mailed.push(sub);
      await deps.ledger.write((tx) =>
        tx
          .updateTable("work_items")
          .set({ state: "done" })
          .where("migration_id", "=", run.migrationId)
          .where("key", "=", sub)
          .execute(),
      );
    }
    return null;
  });
  return mailed;
}

testInActivity("a walk that takes longer than looks last leaves nobody unmailed", async (ledger) => {
  const made = await rig(ledger);
  slowDown(ledger, made, 2 * MINUTE_MS, 10_000);
  expect(await sendAll(made, PEOPLE)).toHaveLength(PEOPLE);
});

testInActivity("look-ups that take longer than looks last leave nobody unmailed", async (ledger) => {
  const made = await rig(ledger, { mailsPerSecond: 10 });
  slowDown(ledger, made, 0, MINUTE_MS);
  expect(await sendAll(made, PEOPLE)).toHaveLength(PEOPLE);
});

testInActivity("after a walk that took too long people are looked up one by one", async (ledger) => {
  const { run, pool, deps, rangeOf } = await rig(ledger);
  const dying = new AbortController();
  const { listUsers } = pool.source;
  pool.source.listUsers = async (token, limit) => {
    const answer = await listUsers(token, limit);
    if (pool.asked.length === 2) dying.abort(new Error("The worker is gone."));
    return answer;
  };
  const first = sendWithLooks(deps, rangeOf(1, 100), pulse(1, dying.signal), async () => null);
  await expect(first).rejects.toThrow();
  // So long for two pages of five.
  await ageWalk(ledger, run, 4 * MINUTE_MS, false);
  await ageLooks(ledger, run, 7 * MINUTE_MS);
  const send = () => sendWithLooks(deps, rangeOf(1, 100), pulse(2), async () => null);
  await send();
  expect(pool.asked.slice(2, 52).toSorted()).toEqual(pool.users.slice(0, 50).map(({ sub }) => sub));
  // The next batch knows it as well.
  const before = pool.asked.length;
  await ageLooks(ledger, run, 7 * MINUTE_MS);
  await send();
  expect(pool.asked.slice(before).filter((one) => one.startsWith("page"))).toEqual([]);
});

testInActivity("looks that are old are made anew before anybody is mailed", async (ledger) => {
  const { run, pool, deps, rangeOf } = await rig(ledger);
  const send = () => sendWithLooks(deps, rangeOf(1, 100), pulse(), async () => null);
  await send();
  // The run was paused, or its worker slept.
  await ageLooks(ledger, run, 10 * MINUTE_MS);
  await ageWalk(ledger, run, 10 * MINUTE_MS);
  await send();
  expect(pool.asked).toHaveLength(2 * PAGES);
});

const LIMITS = { callsInFlight: 1, isOpen: () => true, answersBefore: [] };

testInActivity("a look that has become old when the mail's turn comes is no look", async (ledger) => {
  const { run, pool, deps, rangeOf } = await rig(ledger, { mailsPerSecond: 10, people: 5 });
  const mailed: string[] = [];
  const mailing: Mailing = {
    async send({ sub }) {
      mailed.push(sub);
      return { kind: "created", destinationId: `mail of ${sub}` };
    },
    settle: async () => ({ kind: "skipped", reason: "unsettled" }),
  };
  const outcomes: unknown[] = [];
  await sendWithLooks(deps, rangeOf(1, 5), pulse(), async (looks) => {
    const { sender } = resetsWork(ledger, destination(), mailing, run, looks, LIMITS);
    const sub = subOf(1);
    const record: Due = {
      ...{ sub, userId: `user of ${sub}`, writtenAtMs: null, email: "p1@example.com", language: null },
      planned: standingOf(personOf(1)),
    };
    const item: Item<Due> = { key: sub, record, firstClaimedAtMs: 1, lastTriedAtMs: 1, inDoubt: false };
    const call = (afterMs: number): Call => ({
      read: async () => {},
      // The slot of the mail came late.
      write: async () => void (await ageLooks(ledger, run, afterMs, sub)),
      signal: new AbortController().signal,
      nowMs: () => Date.now(),
    });
    outcomes.push(await sendOne(sender, item, call(10 * MINUTE_MS)));
    expect(mailed).toEqual([]);
    const ofOldPool = { troubleWith: async () => null, isPoolOld: () => true };
    const late = resetsWork(ledger, destination(), mailing, run, ofOldPool, LIMITS);
    expect(await sendOne(late.sender, item, call(0))).toEqual({ kind: "not_sent" });
    // Disabled since the first look.
    Object.assign(pool.users[0] ?? {}, { enabled: false });
    outcomes.push(await sendOne(sender, item, call(0)));
    Object.assign(pool.users[0] ?? {}, { enabled: true });
    await ageLooks(ledger, run, 10 * MINUTE_MS, sub);
    outcomes.push(await sendOne(sender, item, call(0)));
    return null;
  });
  expect(outcomes).toEqual([
    { kind: "not_sent" },
    { kind: "skipped", reason: "disabled" },
    { kind: "created", destinationId: `mail of ${subOf(1)}` },
  ]);
  expect(mailed).toEqual([subOf(1)]);
  expect(pool.asked.filter((one) => one === subOf(1))).toHaveLength(3);
});

testInActivity("an outage is waited for with nobody claimed, access that is lost is not", async (ledger) => {
  const { run, pool, deps, rangeOf } = await rig(ledger, { mailsPerSecond: 10, people: 5 });
  let tries = 0;
  pool.answers.push(DOWN, { ok: false, problem: "slow_down" });
  const sent = await sendWithLooks(deps, rangeOf(1, 5), pulse(), async (looks) => {
    tries += 1;
    expect(pool.answers).toEqual([]);
    if (tries > 1) return null;
    // While one is claimed, their look becomes old, and Cognito is out again: they are put back.
    await ageLooks(ledger, run, 10 * MINUTE_MS, subOf(2));
    pool.answers.push(DOWN);
    const trouble = await looks.troubleWith(subOf(2), standingOf(personOf(2)));
    if (trouble?.kind !== "stopped") throw new Error("They were not put back.");
    throw trouble.error;
  });
  expect(sent).toBeNull();
  expect(tries).toBe(2);
  await ageLooks(ledger, run, 10 * MINUTE_MS);
  pool.answers.push(DENIED);
  const parked = await sendWithLooks(deps, rangeOf(1, 5), pulse(), async () => {
    throw new Error("Nobody may be mailed.");
  });
  expect(parked).toMatchObject({ status: "blocked", code: "access_lost_source" });
});

const BROKEN = { ok: false, problem: "unavailable", code: "InternalErrorException" } as const;
const REFUSED = { ok: false, problem: "refused", code: "InvalidParameterException" } as const;

for (const answer of [BROKEN, REFUSED])
  testInActivity(
    `one person of whom Cognito gives no answer holds up no others: ${answer.problem}`,
    async (ledger) => {
      const { pool, deps, rangeOf } = await rig(ledger, { mailsPerSecond: 10, people: 8 });
      const { findUser } = pool.source;
      pool.source.findUser = async (sub) => (sub === subOf(3) ? answer : findUser(sub));
      const sent = await sendWithLooks(deps, rangeOf(1, 8), pulse(), async (looks) => {
        for (let ordinal = 1; ordinal <= 8; ordinal += 1) {
          const trouble = await looks.troubleWith(subOf(ordinal), standingOf(personOf(ordinal)));
          const message = expect.stringContaining(answer.code);
          const putOff = { kind: "put_off", retryAfterMs: 30_000, code: "source_no_answer", message };
          expect(trouble).toEqual(ordinal === 3 ? putOff : null);
        }
        return null;
      });
      expect(sent).toBeNull();
    },
  );

const WITH_FACTORS = { ok: true, value: { mfa: "OPTIONAL" } as PoolShape } as const;

testInActivity("second factors that the pool has got since the plan stop the mails", async (ledger) => {
  const { run, pool, deps, rangeOf } = await rig(ledger, { mailsPerSecond: 10, people: 5 });
  pool.source.describePool = async () => WITH_FACTORS;
  const send = () =>
    sendWithLooks(deps, rangeOf(1, 5), pulse(), async () => {
      throw new Error("Nobody may be mailed.");
    });
  const parked = { status: "blocked", code: "second_factors_since" };
  expect(await send()).toMatchObject(parked);
  pool.source.describePool = async () => DENIED;
  expect(await send()).toMatchObject({ status: "blocked", code: "access_lost_source" });
  // The file accepts what is lost: nobody is asked.
  const accepting = migrationOf({ ...FILE, passwordResets: { send: true, acceptMfaLoss: true } });
  await ledger.write((tx) =>
    tx
      .updateTable("migrations")
      .set({ file: JSON.stringify(accepting) })
      .where("id", "=", run.migrationId)
      .execute(),
  );
  expect(await sendWithLooks(deps, rangeOf(1, 5), pulse(), async () => null)).toBeNull();
});

test("the pool's second factors are asked for again once the look at them is old", async () => {
  await inActivity(async () => {
    let nowMs = 1_000_000;
    const answers: SourceAnswer<PoolShape>[] = [];
    let asked = 0;
    const slots: Partial<SlotHand> = { next: async () => {}, block: async () => {} };
    const tools = {
      asking: { slots: slots as SlotHand, pulse: pulse() },
      nowMs: async () => nowMs,
      describePool: async () => {
        asked += 1;
        return answers.shift() ?? ({ ok: true, value: { mfa: "OFF" } as PoolShape } as const);
      },
    };
    const look = new PoolLook(tools, { acceptMfaLoss: false });
    expect(look.isOld(nowMs)).toBe(true);
    expect(await look.renewed()).toBeNull();
    nowMs += 8 * MINUTE_MS;
    expect(await look.renewedOnce()).toBeNull();
    expect(asked).toBe(1);
    nowMs += 2 * MINUTE_MS;
    expect(look.isOld(nowMs)).toBe(true);
    answers.push(DOWN, WITH_FACTORS);
    expect(await look.renewedOnce()).toBe("not_now");
    expect(await look.renewedOnce()).toMatchObject({ status: "blocked", code: "second_factors_since" });
    expect(look.isOld(nowMs)).toBe(true);
    // A clock that was set back since.
    expect(await look.renewed()).toBeNull();
    expect(look.isOld(nowMs - 10 * MINUTE_MS)).toBe(true);
  });
});

testInActivity("what Cognito refuses to say of anybody parks the run", async (ledger) => {
  const { pool, deps, rangeOf } = await rig(ledger, { mailsPerSecond: 10, people: 8 });
  pool.source.findUser = async () => REFUSED;
  pool.source.listUsers = async () => REFUSED;
  const parked = await sendWithLooks(deps, rangeOf(1, 8), pulse(), async () => {
    throw new Error("Nobody may be mailed.");
  });
  expect(parked).toMatchObject({ status: "blocked", code: "source_refused" });
});

testInActivity("an outage of all of Cognito leaves nobody without an answer", async (ledger) => {
  const { pool, deps, rangeOf } = await rig(ledger, { mailsPerSecond: 10, people: 5 });
  // Each of four is asked three times, and something else between.
  pool.answers.push(...Array<typeof DOWN>(14).fill(DOWN));
  const sent = await sendWithLooks(deps, rangeOf(1, 5), pulse(), async (looks) => {
    for (let ordinal = 1; ordinal <= 5; ordinal += 1)
      expect(await looks.troubleWith(subOf(ordinal), standingOf(personOf(ordinal)))).toBeNull();
    return null;
  });
  expect(pool.answers).toEqual([]);
  expect(sent).toBeNull();
});

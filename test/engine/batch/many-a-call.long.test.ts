import { sql } from "kysely";
import { expect, onTestFinished } from "vitest";
import type { UserItem } from "../../../src/destinations/destination.ts";
import type { Sender } from "../../../src/destinations/sending.ts";
import type { Work } from "../../../src/engine/batch/work.ts";
import type { Ledger } from "../../../src/ledger/ledger.ts";
import { phaseCounts } from "../../../src/ledger/phase-counts.ts";
import type { WorkRange } from "../../../src/ledger/queue.ts";
import { type Fetch, ManyClient } from "../../doubles/bulk/client.ts";
import { BULK, type ManyDouble, PARTIAL, startBulk, startPartial } from "../../doubles/bulk/double.ts";
import { REFUSED_DOMAIN } from "../../doubles/bulk/people.ts";
import { bulkSender, partialSender } from "../../doubles/bulk/senders.ts";
import { type Fresh, seedItems, subOf, testOnBoth } from "../../ledger/ledgers.ts";
import { attempt, setFastPace } from "./attempt.ts";
import { Death, never } from "./mortal.ts";

const PEOPLE = 20_000;
/** 3 %. */
const REFUSED_EVERY = 33;
const BATCHES = 3;

testOnBoth(
  "all or nothing: 20,000 people in bulk, one call in flight, over kills and faults",
  async (fresh) => {
    const double = await started(startBulk({ names: true }));
    // The first has its effect and no answer; one has none of both.
    double.faults.add(
      { match: { operation: "import", after: 1 }, times: 1, effect: { kind: "reset_after_effect" } },
      {
        match: { operation: "import", after: 4 },
        times: 1,
        effect: { kind: "status_after_effect", status: 503 },
      },
      {
        match: { operation: "import", after: 5 },
        times: 1,
        effect: { kind: "status", status: 502, body: {} },
      },
      { match: { operation: "find", after: 1 }, times: 1, effect: { kind: "reset" } },
    );
    await sendEverybody(fresh, double, { senderOf: bulkSender, faults: 4, killedAfterCall: 2 });
    expect(double.mostInFlight).toBe(BULK.callsInFlight);
    expect(double.violations).toBe(0);
  },
);

testOnBoth(
  "partly inside of a 200: 20,000 people, four calls in flight, over kills and faults",
  async (fresh) => {
    const double = await started(startPartial({ troubleEvery: 500 }));
    // Long enough for a batch to take what the others leave.
    double.faults.latencyMs = 25;
    // 5 % of the calls.
    for (let call = 10; call < 300; call += 20)
      double.faults.add({
        match: { operation: "import", after: call },
        times: 1,
        effect:
          call % 40 === 10 ? { kind: "reset_after_effect" } : { kind: "status_after_effect", status: 500 },
      });
    await sendEverybody(fresh, double, { senderOf: partialSender, faults: 10, killedAfterCall: 20 });
    expect(double.mostInFlight).toBeLessThanOrEqual(PARTIAL.callsInFlight);
    expect(double.violations).toBe(0);
  },
);

testOnBoth("refusals that name nobody are taken apart", async (fresh) => {
  const double = await started(startBulk({ names: false }));
  const ledger = await open(fresh, 300);
  const range: WorkRange = { migrationId: 1, generation: 1, phase: "users", from: 1, to: 300 };
  await attempt(ledger, range, workOf(bulkSender(new ManyClient(double.url))), 1);
  await expectEverybodyOnce(ledger, double, 300);
});

testOnBoth("nobody calls while the destination goes on with the call of a dead worker", async (fresh) => {
  const double = await started(startBulk({ names: true }));
  // Longer than the shortest lease.
  double.faults.add({
    match: { operation: "import" },
    times: 1,
    effect: { kind: "delay", ms: BULK.outlivesCallerMs - 1_000 },
  });
  const ledger = await open(fresh, 30);
  const range: WorkRange = { migrationId: 1, generation: 1, phase: "users", from: 1, to: 30 };
  const death = new Death();
  const doomed = new ManyClient(double.url, (url, init) => {
    void fetch(url, init).catch(() => {});
    death.strike();
    return never();
  });
  const own = await fresh.open();
  const killed = attempt(death.mortal(own), range, workOf(bulkSender(doomed)), 1);
  expect(await Promise.race([death.happened, killed])).toBe("dead");
  await attempt(ledger, range, workOf(bulkSender(new ManyClient(double.url))), 2);
  await expectEverybodyOnce(ledger, double, 30);
  expect(double.violations).toBe(0);
});

interface Campaign {
  senderOf: (client: ManyClient) => Sender<Sent>;
  /** At least so many calls meet one. */
  faults: number;
  /** The first attempt of each batch dies when this call of it has had its effect. */
  killedAfterCall: number;
}

/** Three workers with a ledger connection each, a batch each, whose first attempt is killed. */
async function sendEverybody(fresh: Fresh, double: ManyDouble, campaign: Campaign): Promise<void> {
  const ledger = await open(fresh, PEOPLE);
  const size = Math.ceil(PEOPLE / BATCHES);
  await Promise.all(
    Array.from({ length: BATCHES }, async (_, at) => {
      const own = await fresh.open();
      const range: WorkRange = {
        migrationId: 1,
        generation: 1,
        phase: "users",
        from: at * size + 1,
        to: Math.min((at + 1) * size, PEOPLE),
      };
      const death = new Death();
      const doomed = new ManyClient(double.url, deadlyFetch(death, campaign.killedAfterCall));
      const killed = attempt(death.mortal(own), range, workOf(campaign.senderOf(doomed)), 1);
      expect(await Promise.race([death.happened, killed])).toBe("dead");
      await attempt(own, range, workOf(campaign.senderOf(new ManyClient(double.url))), 2);
    }),
  );
  await expectEverybodyOnce(ledger, double, PEOPLE);
  const faulty = double.journal.entries.filter(({ status }) => status === 0 || (status ?? 0) >= 500);
  expect(faulty.length).toBeGreaterThanOrEqual(campaign.faults);
}

function deadlyFetch(death: Death, killedAfterCall: number): Fetch {
  let calls = 0;
  return async (url, init) => {
    calls += 1;
    if (calls > killedAfterCall) return never();
    const isLast = calls === killedAfterCall;
    // The answer of the last one comes to nobody.
    const answer = await fetch(url, init).finally(() => (isLast ? death.strike() : undefined));
    return isLast ? never() : answer;
  };
}

function workOf(sender: Sender<Sent>): Work<Sent> {
  return {
    sender,
    prepare: async (items) => items.map(({ key: sub }) => ({ record: recordOf(sub), fingerprint: sub })),
  };
}

function isRefused(sub: string): boolean {
  return Number(sub.replace("sub-", "")) % REFUSED_EVERY === 0;
}

type Sent = Pick<UserItem, "user">;

function recordOf(sub: string): Sent {
  const email = `${sub}@${isRefused(sub) ? REFUSED_DOMAIN : "people.example"}`;
  return {
    user: { externalId: sub, email, emailVerified: true, firstName: null, lastName: null, metadata: {} },
  };
}

async function open(fresh: Fresh, people: number): Promise<Ledger> {
  const ledger = await fresh.open();
  await setFastPace(ledger);
  await seedItems(ledger, people);
  return ledger;
}

async function expectEverybodyOnce(ledger: Ledger, double: ManyDouble, people: number): Promise<void> {
  const subs = Array.from({ length: people }, (_, index) => subOf(index + 1));
  const welcome = subs.filter((sub) => !isRefused(sub));
  expect(double.people.keys().toSorted()).toEqual(welcome.toSorted());
  expect(await ledger.read((db) => phaseCounts(db, { migrationId: 1, generation: 1 }, "users"))).toEqual({
    pending: 0,
    done: welcome.length,
    failed: people - welcome.length,
    skipped: 0,
  });
  // PostgreSQL has not counted the tables yet, and would look each row up among all others.
  if (ledger.kind !== "sqlite") await ledger.write((tx) => sql`analyze`.execute(tx));
  const rows = await ledger.read((db) =>
    db
      .selectFrom("work_items as w")
      .leftJoin("placed as p", (join) =>
        join
          .onRef("p.migration_id", "=", "w.migration_id")
          .on("p.kind", "=", "user")
          .onRef("p.key", "=", "w.key"),
      )
      .select([
        "w.key as sub",
        "w.state as state",
        "w.code as code",
        "p.destination_id as id",
        "w.in_doubt as inDoubt",
      ])
      .execute(),
  );
  for (const { sub, ...row } of rows)
    expect(row).toEqual(
      isRefused(sub)
        ? { state: "failed", code: "email_refused", id: null, inDoubt: 0 }
        : { state: "done", code: null, id: double.people.idOf(sub), inDoubt: 0 },
    );
}

async function started(double: Promise<ManyDouble>): Promise<ManyDouble> {
  const running = await double;
  onTestFinished(() => running.close());
  return running;
}

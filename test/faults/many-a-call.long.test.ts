import { randomInt } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import type { RunSummary } from "../../src/domain/contract.ts";
import { readFindings } from "../../src/ledger/findings.ts";
import { setPaceUpdate } from "../../src/workflows/messages.ts";
import { BULK, type ManyDouble, PARTIAL, startBulk, startPartial } from "../doubles/bulk/double.ts";
import { REFUSED_DOMAIN } from "../doubles/bulk/people.ts";
import { makePool, plainPool } from "../doubles/pool/make-pool.ts";
import type { Pool } from "../doubles/pool/pool.ts";
import { createRandom, type Random } from "../doubles/pool/random.ts";
import { freshPostgresDatabase } from "../setup/fresh-database.ts";
import { outcomes } from "./audit.ts";
import { recordFigures } from "./figures.ts";
import { type Stage, type StageWish, setStage } from "./stage.ts";
import { until } from "./until.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** Destinations that take many people a call and nothing else, through whole runs. */

const LONG_TEST_MS = 300_000;
const PEOPLE = 20_000;
/** 3 %. */
const REFUSED_EVERY = 33;
const WORKERS = 3;
const KILLS = 10;

test("10,000 people a call, all or none: ten kills lose and double nobody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const random = seeded();
  const double = await started(startBulk({ names: true }));
  const callMs = 2_000;
  double.faults.latencyMs = callMs;
  const stage = await setManyStage({
    settings: { BULK_URL: double.url },
    file: { destination: { kind: "bulk" } },
  });
  const crew = new Crew(stage, random);
  const run = await stage.start();
  await until("the pool is read", () => stage.cognito.journal.entries.length > 20 + random.int(100));
  await crew.kill(2);
  for (const victims of [WORKERS, 2, 2, 1]) {
    await aCallBegins(double);
    await sleep(random.int(callMs));
    await crew.kill(victims);
  }
  expect(crew.kills).toBe(KILLS);
  double.faults.latencyMs = 0;
  await auditMany(stage, double, await run.result());
  expect(double.mostInFlight).toBe(BULK.callsInFlight);
  // Two calls for each half of the people, the first of which is refused, and what the kills made be called again.
  expect(callsOf(double, "import").length).toBeLessThanOrEqual(4 + 2 * KILLS);
  // Nobody is looked up alone.
  expect(callsOf(double, "find").length).toBeLessThan(100);
  record("10 SIGKILLs among 3 workers, 10,000 people a call", double);
});

test("100 people a call, some of them refused: ten kills lose and double nobody", {
  timeout: LONG_TEST_MS,
}, async () => {
  const random = seeded();
  const double = await started(startPartial({ troubleEvery: 500 }));
  double.faults.latencyMs = 400;
  const stage = await setManyStage({
    ledgerUrl: await freshPostgresDatabase(),
    settings: { PARTIAL_URL: double.url },
    file: { destination: { kind: "partial" }, pace: { pagesPerSecond: 200, writesPerSecond: 5 } },
  });
  const crew = new Crew(stage, random);
  const run = await stage.start();
  while (crew.kills < KILLS) {
    const before = double.people.size;
    await until("people arrive", () => double.people.size > before);
    await sleep(random.int(700));
    await crew.kill(1);
  }
  double.faults.latencyMs = 100;
  await run.executeUpdate(setPaceUpdate, { args: [{ writesPerSecond: 100 }] });
  await auditMany(stage, double, await run.result());
  expect(double.mostInFlight).toBeLessThanOrEqual(PARTIAL.callsInFlight);
  record("10 SIGKILLs among 3 workers, 100 people a call", double);
});

async function aCallBegins(double: ManyDouble): Promise<void> {
  const seen = double.journal.entries.length;
  await until("another call is in flight", () =>
    callsOf(double, "import").some(({ seq, status }) => seq > seen && status === null),
  );
}

function seeded(): Random {
  const seed = randomInt(1_000_000);
  console.log(`seed of the kills: ${seed}`);
  return createRandom(seed);
}

async function started(double: Promise<ManyDouble>): Promise<ManyDouble> {
  const running = await double;
  onTestFinished(() => running.close());
  return running;
}

/** Without a pace of the destination in the file: its own is the default. */
function setManyStage(wish: StageWish): Promise<Stage> {
  return setStage({
    pool: poolWithRefused(),
    workerEntry: join(import.meta.dirname, "many-worker.ts"),
    ...wish,
    file: { pace: { pagesPerSecond: 200 }, ...wish.file },
  });
}

let pools = 0;

function poolWithRefused(): Pool {
  pools += 1;
  const { identityProviders, clients, resourceServers } = makePool({ users: 0, seed: 7, providers: true });
  const pool: Pool = {
    ...plainPool({ users: PEOPLE, poolId: `eu-west-1_many${process.pid}x${pools}` }),
    ...{ identityProviders, clients, resourceServers },
  };
  // Work is sent in the order of subs: the refused are spread among the others.
  for (const { attributes } of refused(pool))
    attributes.email = attributes.email?.replace(/@.*$/, `@${REFUSED_DOMAIN}`) ?? "";
  return pool;
}

function refused({ users }: Pool) {
  return users.filter((_, index) => index % REFUSED_EVERY === 0);
}

function callsOf(double: ManyDouble, wanted: "import" | "find") {
  return double.journal.entries.filter(({ operation }) => operation === wanted);
}

/** Three workers, of which some are killed and replaced. */
class Crew {
  kills = 0;
  readonly #stage: Stage;
  readonly #random: Random;
  #workers: WorkerProcess[];

  constructor(stage: Stage, random: Random) {
    this.#stage = stage;
    this.#random = random;
    this.#workers = Array.from({ length: WORKERS }, () => stage.startWorker());
  }

  /** So many of them at once, whichever they are. */
  async kill(count: number): Promise<void> {
    const victims = Array.from({ length: count }, () => this.#draw());
    await Promise.all(victims.map((victim) => victim.end("SIGKILL")));
    this.kills += count;
    this.#workers.push(...victims.map(() => this.#stage.startWorker()));
  }

  #draw(): WorkerProcess {
    const [drawn] = this.#workers.splice(this.#random.int(this.#workers.length), 1);
    if (drawn === undefined) throw new Error("Nobody is left to be killed.");
    return drawn;
  }
}

/** Everybody has one outcome, and stands there once or was refused. */
async function auditMany(stage: Stage, double: ManyDouble, summary: RunSummary): Promise<void> {
  const { pool } = stage;
  const ended = await outcomes(stage);
  const refusedSubs = new Set(refused(pool).map(({ sub }) => sub));
  expect(summary).toMatchObject({
    listed: PEOPLE,
    imported: PEOPLE - refusedSubs.size,
    failed: refusedSubs.size,
    open: 0,
  });
  expect(ended.size).toBe(PEOPLE);
  for (const { sub } of pool.users) {
    const { outcome, reason, destinationId = null } = ended.get(sub) ?? {};
    expect({ outcome, reason, destinationId }).toEqual(
      refusedSubs.has(sub)
        ? { outcome: "failed", reason: "email_refused", destinationId: null }
        : { outcome: "imported", reason: null, destinationId: double.people.idOf(sub) },
    );
  }
  expect(double.people.size).toBe(PEOPLE - refusedSubs.size);
  expect(new Set(double.people.all().map(({ email }) => email)).size).toBe(double.people.size);
  expect(double.violations).toBe(0);
  const findings = await stage.withLedger((ledger) => ledger.read((db) => readFindings(db, 1)));
  const codes = new Set(findings.map(({ phase, code }) => `${phase}: ${code}`));
  // Nothing of verify: everybody stands there as written.
  expect([...codes].toSorted()).toEqual([
    "assess: client_without_counterpart",
    "assess: pool_size",
    "assess: provider_without_counterpart",
  ]);
}

function record(fault: string, double: ManyDouble): void {
  recordFigures(fault, {
    users: PEOPLE,
    imported: double.people.size,
    calls: callsOf(double, "import").length,
    mostInFlight: double.mostInFlight,
  });
}

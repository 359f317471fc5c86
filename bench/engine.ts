import { freePort } from "../test/setup/free-port.ts";
import { startPostgres } from "../test/setup/postgres-server.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { createBare, listBare } from "./lib/bare.ts";
import { type Cognito, startCognito, startWorkos } from "./lib/doubles.ts";
import { type Figure, median } from "./lib/figures.ts";
import { type BenchLedger, freshPostgres, freshSqlite } from "./lib/ledgers.ts";
import { LIFTED_PACE, lengthMs, migrate, spanOf } from "./lib/run.ts";

/** A window of 4 batches with 16 calls each. */
const CALLS_IN_FLIGHT = 64;
const PAGE_SIZE = 60;

export interface EngineOptions {
  users: number;
  rounds: number;
  nodeOptions: readonly string[];
}

interface Times {
  usersMs: number;
  snapshotMs: number;
}

interface BareTimes extends Times {
  /** Over the `fetch` that Spillway gives to the SDK. */
  leanUsersMs: number;
}

interface Pair {
  bare: BareTimes;
  engine: Times;
}

/**
 * What Spillway costs over the bare calls: destination and source answer at once and without limits, the pace is
 * lifted. Bare scripts and whole runs take turns on the same machine.
 */
export async function benchEngine({ users, rounds, nodeOptions }: EngineOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const postgres = stack.adopt(await startPostgres(), (server) => server.stop());
  const cognito = await startCognito(users);
  stack.use(cognito.process);

  const world = { users, cognito, temporalAddress: temporal.address, nodeOptions };
  const sqlite: Pair[] = [];
  const postgresql: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    sqlite.push(await pair(world, await freshSqlite()));
    postgresql.push(await pair(world, await freshPostgres(postgres.url)));
    console.log(`round ${round + 1} of ${rounds}`, { sqlite: sqlite.at(-1), postgresql: postgresql.at(-1) });
  }
  return [...figuresOf("sqlite", users, sqlite), ...figuresOf("postgresql", users, postgresql)];
}

/** A machine's speed drifts within a minute: the bare calls are made before and after the run that is held to them. */
async function pair(world: World, ledger: BenchLedger): Promise<Pair> {
  const before = await bareTimes(world);
  const engine = await runOn(ledger, world);
  const after = await bareTimes(world);
  const mean = (of: (times: BareTimes) => number) => (of(before) + of(after)) / 2;
  const bare = {
    usersMs: mean((times) => times.usersMs),
    leanUsersMs: mean((times) => times.leanUsersMs),
    snapshotMs: mean((times) => times.snapshotMs),
  };
  return { bare, engine };
}

async function bareTimes({ users, cognito }: World): Promise<BareTimes> {
  return {
    usersMs: await createBare(users, CALLS_IN_FLIGHT),
    leanUsersMs: await createBare(users, CALLS_IN_FLIGHT, { lean: true }),
    snapshotMs: await listBare(cognito, users),
  };
}

interface World {
  users: number;
  cognito: Cognito;
  temporalAddress: string;
  nodeOptions: readonly string[];
}

async function runOn(ledger: BenchLedger, { users, ...world }: World): Promise<Times> {
  await using _ledger = ledger;
  const workos = await startWorkos({ unlimited: true });
  await using _workos = workos.process;
  const run = await migrate({ ...world, workos, ledgerUrl: ledger.url, pace: LIFTED_PACE });
  if (run.summary.imported !== users) throw new Error(`The run ended with ${JSON.stringify(run.summary)}.`);
  return { usersMs: lengthMs(spanOf(run, "users")), snapshotMs: lengthMs(spanOf(run, "snapshot")) };
}

/** Users and pages of Spillway to those of the bare calls: medians of the rounds. */
const AT_LEAST = { sqlite: 0.85, postgresql: 0.8, pages: 0.9 };

function figuresOf(ledger: "sqlite" | "postgresql", users: number, pairs: readonly Pair[]): Figure[] {
  const medianOf = (ms: (pair: Pair) => number) => median(pairs.map(ms));
  const usersMs = {
    bare: medianOf(({ bare }) => bare.usersMs),
    engine: medianOf(({ engine }) => engine.usersMs),
  };
  const snapshotMs = {
    bare: medianOf(({ bare }) => bare.snapshotMs),
    engine: medianOf(({ engine }) => engine.snapshotMs),
  };
  const perSecond = (count: number, ms: number) => (count / ms) * 1_000;
  const pages = Math.ceil(users / PAGE_SIZE);
  return [
    { name: `${ledger}: users per second`, value: perSecond(users, usersMs.engine) },
    { name: `${ledger}: bare users per second`, value: perSecond(users, usersMs.bare) },
    { name: `${ledger}: users, ratio of medians`, value: usersMs.bare / usersMs.engine },
    {
      name: `${ledger}: users, ratio to bare`,
      value: medianOf(({ bare, engine }) => bare.usersMs / engine.usersMs),
      target: { atLeast: AT_LEAST[ledger] },
    },
    {
      name: `${ledger}: users, ratio to bare over Spillway's fetch`,
      value: medianOf(({ bare, engine }) => bare.leanUsersMs / engine.usersMs),
    },
    { name: `${ledger}: pages per second`, value: perSecond(pages, snapshotMs.engine) },
    { name: `${ledger}: bare pages per second`, value: perSecond(pages, snapshotMs.bare) },
    { name: `${ledger}: pages, ratio of medians`, value: snapshotMs.bare / snapshotMs.engine },
    {
      name: `${ledger}: pages, ratio to bare`,
      value: medianOf(({ bare, engine }) => bare.snapshotMs / engine.snapshotMs),
      target: { atLeast: AT_LEAST.pages },
    },
  ];
}

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

  const bare: BareTimes[] = [];
  const sqlite: Times[] = [];
  const postgresql: Times[] = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push({
      usersMs: await createBare(users, CALLS_IN_FLIGHT),
      leanUsersMs: await createBare(users, CALLS_IN_FLIGHT, { lean: true }),
      snapshotMs: await listBare(cognito, users),
    });
    const world = { users, cognito, temporalAddress: temporal.address, nodeOptions };
    sqlite.push(await runOn(await freshSqlite(), world));
    postgresql.push(await runOn(await freshPostgres(postgres.url), world));
    console.log(`round ${round + 1} of ${rounds}`, {
      bare: bare.at(-1),
      sqlite: sqlite.at(-1),
      postgresql: postgresql.at(-1),
    });
  }
  return [...figuresOf("sqlite", users, bare, sqlite), ...figuresOf("postgresql", users, bare, postgresql)];
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

function figuresOf(
  ledger: "sqlite" | "postgresql",
  users: number,
  bare: readonly BareTimes[],
  engine: readonly Times[],
): Figure[] {
  const usersMs = (times: readonly Times[]) => median(times.map((time) => time.usersMs));
  const snapshotMs = (times: readonly Times[]) => median(times.map((time) => time.snapshotMs));
  const leanUsersMs = median(bare.map((time) => time.leanUsersMs));
  // A machine's speed drifts from round to round: what is compared was measured one after the other.
  const paired = (ms: (times: Times) => number) =>
    median(
      bare.map((ofBare, round) => {
        const ofEngine = engine[round];
        if (ofEngine === undefined) throw new Error(`Round ${round + 1} has no run on ${ledger}.`);
        return ms(ofBare) / ms(ofEngine);
      }),
    );
  const perSecond = (count: number, ms: number) => (count / ms) * 1_000;
  const pages = Math.ceil(users / PAGE_SIZE);
  return [
    { name: `${ledger}: users per second`, value: perSecond(users, usersMs(engine)) },
    { name: `${ledger}: bare users per second`, value: perSecond(users, usersMs(bare)) },
    { name: `${ledger}: users, ratio of medians`, value: usersMs(bare) / usersMs(engine) },
    {
      name: `${ledger}: users, ratio to bare`,
      value: paired((times) => times.usersMs),
      target: { atLeast: AT_LEAST[ledger] },
    },
    { name: `${ledger}: users, ratio to bare over Spillway's fetch`, value: leanUsersMs / usersMs(engine) },
    { name: `${ledger}: pages per second`, value: perSecond(pages, snapshotMs(engine)) },
    { name: `${ledger}: bare pages per second`, value: perSecond(pages, snapshotMs(bare)) },
    { name: `${ledger}: pages, ratio of medians`, value: snapshotMs(bare) / snapshotMs(engine) },
    {
      name: `${ledger}: pages, ratio to bare`,
      value: paired((times) => times.snapshotMs),
      target: { atLeast: AT_LEAST.pages },
    },
  ];
}

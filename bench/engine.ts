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

/** A run of Spillway beside the bare calls before and after it. */
interface Measured {
  bareMs: number;
  ms: number;
}

interface LedgerTimes {
  users: Measured[];
  /** Of dry runs: their snapshot is that of any run, and each is over in seconds. */
  pages: Measured[];
}

const PAGE_RUNS = 3;

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
  const ledgers = { sqlite: () => freshSqlite(), postgresql: () => freshPostgres(postgres.url) };
  const times = { sqlite: { users: [], pages: [] }, postgresql: { users: [], pages: [] } } satisfies Record<
    keyof typeof ledgers,
    LedgerTimes
  >;
  const leanMs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    leanMs.push(await createBare(users, CALLS_IN_FLIGHT, { lean: true }));
    await measureRound(world, ledgers, times);
    console.log(`round ${round + 1} of ${rounds}`, JSON.stringify(times));
  }
  return (["sqlite", "postgresql"] as const).flatMap((name) =>
    figuresOf(name, users, times[name], median(leanMs)),
  );
}

type Ledgers = Record<"sqlite" | "postgresql", () => Promise<BenchLedger>>;

async function measureRound(
  world: World,
  ledgers: Ledgers,
  times: Record<keyof Ledgers, LedgerTimes>,
): Promise<void> {
  const { users, cognito } = world;
  const names = ["sqlite", "postgresql"] as const;
  const create = new Bare(() => createBare(users, CALLS_IN_FLIGHT));
  for (const name of names)
    times[name].users.push(await create.around(() => runOn(ledgers[name], world, "users")));
  const list = new Bare(() => listBare(cognito, users));
  for (const name of names)
    for (let run = 0; run < PAGE_RUNS; run += 1)
      times[name].pages.push(await list.around(() => runOn(ledgers[name], world, "snapshot")));
}

/** A machine's speed drifts within a minute, so that the bare calls are made before and after what is held to them. */
class Bare {
  readonly #measure: () => Promise<number>;
  #before: number | undefined;

  constructor(measure: () => Promise<number>) {
    this.#measure = measure;
  }

  async around(run: () => Promise<number>): Promise<Measured> {
    const before = this.#before ?? (await this.#measure());
    const ms = await run();
    const after = await this.#measure();
    this.#before = after;
    return { bareMs: (before + after) / 2, ms };
  }
}

interface World {
  users: number;
  cognito: Cognito;
  temporalAddress: string;
  nodeOptions: readonly string[];
}

/** How long the phase took; a run for its snapshot alone is dry. */
async function runOn(
  fresh: () => Promise<BenchLedger>,
  { users, ...world }: World,
  phase: "users" | "snapshot",
): Promise<number> {
  await using ledger = await fresh();
  const workos = await startWorkos({ unlimited: true });
  await using _workos = workos.process;
  const dryRun = phase === "snapshot";
  const run = await migrate({ ...world, workos, ledgerUrl: ledger.url, pace: LIFTED_PACE, dryRun });
  const { listed, imported } = run.summary;
  if (listed !== users || imported !== (dryRun ? 0 : users))
    throw new Error(`The run ended with ${JSON.stringify(run.summary)}.`);
  return lengthMs(spanOf(run, phase));
}

/** Users and pages of Spillway to those of the bare calls: medians of the rounds. */
const AT_LEAST = { sqlite: 0.85, postgresql: 0.8, pages: 0.9 };

function figuresOf(ledger: keyof Ledgers, users: number, times: LedgerTimes, leanMs: number): Figure[] {
  const pages = Math.ceil(users / PAGE_SIZE);
  return [
    ...ratiosOf(`${ledger}: users`, users, times.users, AT_LEAST[ledger]),
    {
      name: `${ledger}: users, ratio to bare over Spillway's fetch`,
      value: leanMs / median(times.users.map(({ ms }) => ms)),
    },
    ...ratiosOf(`${ledger}: pages`, pages, times.pages, AT_LEAST.pages),
  ];
}

function ratiosOf(name: string, count: number, measured: readonly Measured[], atLeast: number): Figure[] {
  const ms = median(measured.map((one) => one.ms));
  const bareMs = median(measured.map((one) => one.bareMs));
  return [
    { name: `${name} per second`, value: (count / ms) * 1_000 },
    { name: `${name} per second, bare`, value: (count / bareMs) * 1_000 },
    { name: `${name}, ratio of medians`, value: bareMs / ms },
    {
      name: `${name}, ratio to bare`,
      value: median(measured.map((one) => one.bareMs / one.ms)),
      target: { atLeast },
    },
  ];
}

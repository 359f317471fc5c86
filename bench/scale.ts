import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { startCognito, startWorkos } from "./lib/doubles.ts";
import { type Figure, median } from "./lib/figures.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { LIFTED_PACE, lengthMs, migrate, type RunFigures, spanOf } from "./lib/run.ts";

const BATCH_SIZE = 500;
const MEBIBYTE = 2 ** 20;
/** The phases whose work grows with the pool. */
const GROWING = ["snapshot", "plan", "users", "verify"] as const;

export interface ScaleOptions {
  /** Smallest first. */
  sizes: readonly number[];
  nodeOptions: readonly string[];
}

interface Measured {
  users: number;
  run: RunFigures;
  ledgerBytes: number;
}

/** What grows with the pool and what must not: each size runs in a world of its own, the pace lifted. */
export async function benchScale({ sizes, nodeOptions }: ScaleOptions): Promise<Figure[]> {
  const measured: Measured[] = [];
  for (const users of sizes) {
    const next = await measure(users, nodeOptions);
    measured.push(next);
    console.log(`${users} users done in ${Math.round(lengthMs(next.run.history.whole) / 1_000)} s`);
  }
  return [...measured.flatMap(figuresOf), ...growth(measured)];
}

async function measure(users: number, nodeOptions: readonly string[]): Promise<Measured> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const cognito = await startCognito(users);
  stack.use(cognito.process);
  const workos = await startWorkos({ unlimited: true });
  stack.use(workos.process);
  const ledger = stack.use(await freshSqlite());
  const run = await migrate({
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace: LIFTED_PACE,
    nodeOptions,
  });
  if (run.summary.imported !== users) throw new Error(`The run ended with ${JSON.stringify(run.summary)}.`);
  return { users, run, ledgerBytes: await ledger.bytes() };
}

function figuresOf({ users, run, ledgerBytes }: Measured): Figure[] {
  const batches = Math.ceil(users / BATCH_SIZE);
  const name = (what: string) => `${users} users: ${what}`;
  return [
    ...GROWING.map((phase) => ({
      name: name(`${phase}, ms per user`),
      value: lengthMs(spanOf(run, phase)) / users,
    })),
    { name: name("in all, ms per user"), value: lengthMs(run.history.whole) / users },
    { name: name("worker memory, MiB"), value: memoryBytes(run) / MEBIBYTE },
    {
      name: name("worker memory at its peak, MiB"),
      value: (run.peakBytes ?? Number.NaN) / MEBIBYTE,
      target: { atMost: 350 },
    },
    { name: name("history events"), value: run.history.events, target: { atMost: 6 * batches + 150 } },
    { name: name("ledger bytes per user"), value: ledgerBytes / users, target: { atMost: 1_536 } },
  ];
}

/** The median while users were imported. */
function memoryBytes(run: RunFigures): number {
  const { startMs, endMs } = spanOf(run, "users");
  const during = run.memory.filter(({ atMs }) => atMs >= startMs && atMs <= endMs);
  return median(during.map(({ residentBytes }) => residentBytes));
}

/** The largest pool beside the smallest. */
function growth(measured: readonly Measured[]): Figure[] {
  const [small, large] = [measured[0], measured.at(-1)];
  if (small === undefined || large === undefined || small === large) return [];
  const ratio = (of: (measured: Measured) => number) => of(large) / of(small);
  return [
    ...GROWING.map((phase) => ({
      name: `${phase}, time per user, largest to smallest`,
      value: ratio(({ run, users }) => lengthMs(spanOf(run, phase)) / users),
      target: { atMost: 1.1 },
    })),
    {
      name: "in all, time per user, largest to smallest",
      value: ratio(({ run, users }) => lengthMs(run.history.whole) / users),
      target: { atMost: 1.1 },
    },
    {
      name: "worker memory, largest to smallest",
      value: ratio(({ run }) => memoryBytes(run)),
      target: { atMost: 1.15 },
    },
  ];
}

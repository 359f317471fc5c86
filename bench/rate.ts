import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { breakCalls } from "./lib/broken-calls.ts";
import { startCognito, startWorkos } from "./lib/doubles.ts";
import type { Figure } from "./lib/figures.ts";
import { arrivalsOf, countServerErrors, countThrottled, readJournal } from "./lib/journal.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { lengthMs, migrate, spanOf } from "./lib/run.ts";
import { floorMs, LATENCY_MS, PACE, phaseTarget } from "./lib/workos-limits.ts";

/** A create, or a look-up and what it costs to learn what became of one; and a page of verify for each hundred. */
const CALLS_PER_USER = 1.2;

export interface RateOptions {
  users: number;
  /** So many of a hundred calls take effect and get no answer that tells so. */
  brokenPercent: number;
  nodeOptions: readonly string[];
}

/** How close a run keeps to what WorkOS allows: at its true limits and with the latency of a real network. */
export async function benchRate({ users, brokenPercent, nodeOptions }: RateOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const cognito = await startCognito(users, {});
  stack.use(cognito.process);
  const workos = await startWorkos({ latencyMs: LATENCY_MS }, { journal: true });
  stack.use(workos.process);
  await breakCalls(workos, brokenPercent, CALLS_PER_USER * users);
  const ledger = stack.use(await freshSqlite());

  const run = await migrate({
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace: PACE,
    nodeOptions,
  });
  const journal = await readJournal(workos);

  const creates = arrivalsOf(journal, ["createUser"]);
  const createsMs = (creates.at(-1) ?? Number.NaN) - (creates[0] ?? Number.NaN);
  const phaseMs = lengthMs(spanOf(run, "users"));
  return [
    { name: "creates per second", value: (users / createsMs) * 1_000 },
    { name: "first to last create, ratio to floor", value: createsMs / floorMs(users) },
    {
      name: "users phase, ratio to floor",
      value: phaseMs / floorMs(users),
      target: phaseTarget(brokenPercent),
    },
    { name: "not imported", value: users - run.summary.imported, target: { atMost: 0 } },
    { name: "failed", value: run.summary.failed, target: { atMost: 0 } },
    { name: "answers 5xx", value: countServerErrors(journal) },
    { name: "answers 429", value: countThrottled(journal), target: { atMost: 0 } },
  ];
}

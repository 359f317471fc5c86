import { z } from "zod";
import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { startCognito, startWorkos } from "./lib/doubles.ts";
import type { Figure } from "./lib/figures.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { lengthMs, migrate, spanOf } from "./lib/run.ts";

/** WorkOS: 500 writes in 10 seconds. */
const LIMIT_WRITES_PER_SECOND = 50;
const PACE = { writesPerSecond: 49.5, callsPerSecond: 95 };
const LATENCY_MS = 40;
const TOO_MANY_REQUESTS = 429;

const journalSchema = z.array(
  z.object({ operation: z.string(), atMs: z.number(), status: z.number().nullable() }),
);

export interface RateOptions {
  users: number;
  nodeOptions: readonly string[];
}

/** How close a run keeps to what WorkOS allows: at its true limits and with the latency of a real network. */
export async function benchRate({ users, nodeOptions }: RateOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const cognito = await startCognito(users, {});
  stack.use(cognito.process);
  const workos = await startWorkos({ latencyMs: LATENCY_MS }, { journal: true });
  stack.use(workos.process);
  const ledger = stack.use(await freshSqlite());

  const run = await migrate({
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace: PACE,
    nodeOptions,
  });
  const answer = await fetch(`${workos.url}/__double/journal`);
  const journal = journalSchema.parse(await answer.json());

  const creates = journal.filter(({ operation }) => operation === "createUser").map(({ atMs }) => atMs);
  const createsMs = (creates.at(-1) ?? Number.NaN) - (creates[0] ?? Number.NaN);
  const phaseMs = lengthMs(spanOf(run, "importUsers"));
  const floorMs = (users / LIMIT_WRITES_PER_SECOND) * 1_000;
  return [
    { name: "creates per second", value: (users / createsMs) * 1_000 },
    { name: "first to last create, ratio to floor", value: createsMs / floorMs },
    { name: "users phase, ratio to floor", value: phaseMs / floorMs, target: { atMost: 1.03 } },
    { name: "not imported", value: users - run.summary.imported, target: { atMost: 0 } },
    { name: "failed", value: run.summary.failed, target: { atMost: 0 } },
    {
      name: "answers 429",
      value: journal.filter(({ status }) => status === TOO_MANY_REQUESTS).length,
      target: { atMost: 5 },
    },
  ];
}

import type { Pool } from "../test/doubles/pool/pool.ts";
import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { type Cognito, startCognitoWith, startWorkos } from "./lib/doubles.ts";
import type { Figure } from "./lib/figures.ts";
import { countThrottled, type Journal, readJournal } from "./lib/journal.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { LIFTED_PACE, lengthMs, migrate, type RunWish, spanOf } from "./lib/run.ts";
import { TENANT, tenantPool } from "./lib/tenant-pool.ts";
import { setWorkosOptions } from "./lib/vendor-calls.ts";
import { LATENCY_MS, PACE } from "./lib/workos-limits.ts";

const ORGANIZATIONS = 200;
const ROLES = 20;

export interface DeltaOptions {
  users: number;
  /** Of a hundred people: half of them have another name, half another tenant. */
  changedPercent: number;
  nodeOptions: readonly string[];
}

/** What a run after a completed one costs: its writes and their time, where some people changed, and where nobody did. */
export async function benchDelta({ users, changedPercent, nodeOptions }: DeltaOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const { pool } = tenantPool({ users, organizations: ORGANIZATIONS, roles: ROLES });
  const workos = await startWorkos({ unlimited: true }, { journal: true });
  stack.use(workos.process);
  const ledger = stack.use(await freshSqlite());
  const before = await startCognitoWith(pool);
  stack.use(before.process);
  const after = await startCognitoWith(changed(pool, Math.round((users * changedPercent) / 100)));
  stack.use(after.process);

  const wish = (cognito: Cognito, pace: RunWish["pace"]): RunWish => ({
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace,
    structure: { organizations: { from: "attribute", attribute: TENANT }, roles: { from: "groups" } },
    nodeOptions,
  });
  await migrate(wish(before, LIFTED_PACE));
  await setWorkosOptions(workos, { unlimited: false, latencyMs: LATENCY_MS });
  let seen = (await readJournal(workos)).length;
  const since = async () => {
    const news = (await readJournal(workos)).slice(seen);
    seen += news.length;
    return news;
  };
  const delta = await migrate(wish(after, PACE));
  const calls = await since();
  const idle = await migrate(wish(after, PACE));
  const idleCalls = await since();

  const phases = (["users", "memberships"] as const).map((phase) => {
    const span = spanOf(delta, phase);
    const inside = calls.filter(({ atMs }) => atMs >= span.startMs && atMs <= span.endMs);
    return { phase, ms: lengthMs(span), floorMs: floorMs(inside), calls: inside.length };
  });
  const sum = (of: (one: (typeof phases)[number]) => number) => phases.reduce((all, one) => all + of(one), 0);
  return [
    { name: "writes where some changed", value: calls.filter(isWrite).length },
    ...phases.map(({ phase, calls: made }) => ({ name: `${phase}, calls`, value: made })),
    ...phases.map(({ phase, ms, floorMs: floor }) => ({
      name: `${phase}, ratio to floor`,
      value: ms / floor,
    })),
    {
      name: "write phases in all, ratio to floor",
      value: sum(({ ms }) => ms) / sum(({ floorMs: floor }) => floor),
      target: { atMost: 1.1 },
    },
    { name: "the whole run, seconds", value: lengthMs(delta.history.whole) / 1_000 },
    { name: "failed", value: delta.summary.failed + idle.summary.failed, target: { atMost: 0 } },
    { name: "differences", value: delta.summary.differences ?? Number.NaN, target: { atMost: 0 } },
    { name: "writes where nothing changed", value: idleCalls.filter(isWrite).length, target: { atMost: 0 } },
    { name: "the whole run where nothing changed, seconds", value: lengthMs(idle.history.whole) / 1_000 },
    { name: "answers 429", value: countThrottled(calls), target: { atMost: 0 } },
  ];
}

/** The same pool a day later: of two people who changed, one has another name and one another tenant. */
function changed(pool: Pool, count: number): Pool {
  const step = Math.floor(pool.users.length / count);
  const users = pool.users.map((user, index) => {
    const at = index / step;
    if (!Number.isInteger(at) || at >= count) return user;
    const news =
      at % 2 === 0 ? { given_name: "Renamed" } : { [TENANT]: `tenant-${1 + ((index + 1) % ORGANIZATIONS)}` };
    return { ...user, attributes: { ...user.attributes, ...news } };
  });
  return { ...pool, users };
}

const isWrite = ({ operation }: Journal[number]) => /^(create|update|delete|deactivate|add)/.test(operation);

/** How long these calls take at the least, at the pace of the run. */
function floorMs(calls: Journal): number {
  const writes = calls.filter(isWrite).length;
  return Math.max(writes / PACE.writesPerSecond, calls.length / PACE.callsPerSecond) * 1_000;
}

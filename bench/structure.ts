import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { breakCalls } from "./lib/broken-calls.ts";
import { type Differences, differencesOf } from "./lib/differences.ts";
import { startCognitoWith, startWorkos } from "./lib/doubles.ts";
import type { Figure } from "./lib/figures.ts";
import { arrivalsOf, countServerErrors, countThrottled, type Journal, readJournal } from "./lib/journal.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { lengthMs, migrate, type RunFigures, spanOf } from "./lib/run.ts";
import { TENANT, tenantPool } from "./lib/tenant-pool.ts";
import { floorMs, LATENCY_MS, PACE, phaseTarget } from "./lib/workos-limits.ts";

const CREATES = ["createOrganization", "createRole", "createUser", "createMembership"];

/** An account and a membership each, and the look-ups of those that are in doubt. */
const CALLS_PER_USER = 2.4;

export interface StructureOptions {
  users: number;
  organizations: number;
  roles: number;
  /** So many of a hundred calls take effect and get no answer that tells so. */
  brokenPercent: number;
  nodeOptions: readonly string[];
}

/** How close a run of users with organizations, roles and memberships keeps to what WorkOS allows. */
export async function benchStructure({ nodeOptions, ...wish }: StructureOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const { pool, places } = tenantPool(wish);
  const cognito = await startCognitoWith(pool);
  stack.use(cognito.process);
  const workos = await startWorkos({ latencyMs: LATENCY_MS }, { journal: true });
  stack.use(workos.process);
  await breakCalls(workos, wish.brokenPercent, CALLS_PER_USER * wish.users);
  const ledger = stack.use(await freshSqlite());

  const run = await migrate({
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace: PACE,
    structure: { organizations: { from: "attribute", attribute: TENANT }, roles: { from: "groups" } },
    nodeOptions,
  });
  const writes = {
    structure: new Set(places.map(({ organization }) => organization)).size + wish.roles,
    users: wish.users,
    memberships: wish.users,
  };
  const journal = await readJournal(workos);
  return [
    { name: "organizations", value: writes.structure - wish.roles },
    { name: "roles", value: wish.roles },
    ...timeFigures(run, writes, wish.brokenPercent),
    { name: "longest time between two writes, ms", value: longestGapMs(journal) },
    { name: "answers 5xx", value: countServerErrors(journal) },
    { name: "answers 429", value: countThrottled(journal), target: { atMost: 0 } },
    { name: "not imported", value: wish.users - run.summary.imported, target: { atMost: 0 } },
    { name: "failed", value: run.summary.failed, target: { atMost: 0 } },
    ...differenceFigures(await differencesOf(workos, places)),
  ];
}

interface Writes {
  structure: number;
  users: number;
  memberships: number;
}

/** Each phase by itself, then all of them with what lies between. */
function timeFigures(run: RunFigures, writes: Writes, brokenPercent: number): Figure[] {
  const spans = {
    structure: spanOf(run, "structure"),
    users: spanOf(run, "users"),
    memberships: spanOf(run, "memberships"),
  };
  const ratio = (phase: keyof Writes) => lengthMs(spans[phase]) / floorMs(writes[phase]);
  const all = { startMs: spans.structure.startMs, endMs: spans.memberships.endMs };
  return [
    { name: "structure phase, ratio to floor", value: ratio("structure") },
    { name: "users phase, ratio to floor", value: ratio("users") },
    { name: "memberships phase, ratio to floor", value: ratio("memberships") },
    {
      name: "write phases in all, ratio to floor",
      value: lengthMs(all) / floorMs(writes.structure + writes.users + writes.memberships),
      target: phaseTarget(brokenPercent),
    },
  ];
}

function longestGapMs(journal: Journal): number {
  const writes = arrivalsOf(journal, CREATES);
  const gaps = writes.slice(1).map((atMs, index) => atMs - (writes[index] ?? atMs));
  return gaps.reduce((longest, gap) => Math.max(longest, gap), 0);
}

function differenceFigures(differences: Differences): Figure[] {
  const none = { atMost: 0 };
  return [
    { name: "memberships missing", value: differences.membershipsMissing, target: none },
    { name: "memberships doubled", value: differences.membershipsTooMany, target: none },
    { name: "memberships with another role", value: differences.rolesWrong, target: none },
    { name: "organizations doubled", value: differences.organizationsDoubled, target: none },
  ];
}

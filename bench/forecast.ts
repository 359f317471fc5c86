import type { MigrationFile } from "../src/domain/migration.ts";
import { freePort } from "../test/setup/free-port.ts";
import { startTemporal } from "../test/setup/temporal-server.ts";
import { startCognitoWith, startWorkos } from "./lib/doubles.ts";
import type { Figure } from "./lib/figures.ts";
import { arrivalsOf, countThrottled, readJournal } from "./lib/journal.ts";
import { freshSqlite } from "./lib/ledgers.ts";
import { lengthMs, migrate, type RunWish, spanOf } from "./lib/run.ts";
import { TENANT, tenantPool } from "./lib/tenant-pool.ts";
import { LATENCY_MS } from "./lib/workos-limits.ts";

export interface ForecastOptions {
  users: number;
  organizations: number;
  roles: number;
  /** Writes, and mails: slow enough that nothing else bounds the run. */
  perSecond: number;
  nodeOptions: readonly string[];
}

/** Of every second role. */
const PERMISSIONS = ["users:read", "users:write", "users:remove"];
/** What is off by no more than this is a forecast. */
const TARGETS = [{ atLeast: 0.9 }, { atMost: 1.1 }] as const;

/** How long a run takes beside what the plan before it said, phase by phase. */
export async function benchForecast({ nodeOptions, perSecond, ...wish }: ForecastOptions): Promise<Figure[]> {
  await using stack = new AsyncDisposableStack();
  const temporal = stack.adopt(await startTemporal({ port: await freePort() }), (server) => server.stop());
  const cognito = await startCognitoWith(tenantPool(wish).pool);
  stack.use(cognito.process);
  const workos = await startWorkos({ latencyMs: LATENCY_MS }, { journal: true });
  stack.use(workos.process);
  const ledger = stack.use(await freshSqlite());

  const run: RunWish = {
    cognito,
    workos,
    temporalAddress: temporal.address,
    ledgerUrl: ledger.url,
    pace: { writesPerSecond: perSecond },
    structure: { organizations: { from: "attribute", attribute: TENANT }, roles: rolesOf(wish.roles) },
    passwordResets: { send: true, perSecond, canary: 0, acceptMfaLoss: true },
    nodeOptions,
  };
  const planned = await migrate({ ...run, dryRun: true });
  const real = await migrate(run);
  const journal = await readJournal(workos);
  const mails = arrivalsOf(journal, ["createPasswordReset"]);
  const tookMs = {
    structure: lengthMs(spanOf(real, "structure")),
    users: lengthMs(spanOf(real, "users")),
    memberships: lengthMs(spanOf(real, "memberships")),
    // Until a person has approved them, nothing is mailed.
    resets: (mails.at(-1) ?? Number.NaN) - (mails[0] ?? Number.NaN),
  };
  const { seconds } = planned.summary;
  return [
    ...(["structure", "users", "memberships", "resets"] as const).flatMap((phase) => {
      const ratio = tookMs[phase] / ((seconds?.[phase] ?? Number.NaN) * 1_000);
      return TARGETS.map((target) => ({
        name: `${phase}, time to the plan's, ${"atMost" in target ? "at most" : "at least"}`,
        value: ratio,
        target,
      }));
    }),
    {
      name: "people written, not as the plan said",
      value: Number(JSON.stringify(planned.summary.changes) !== JSON.stringify(real.summary.changes)),
      target: { atMost: 0 },
    },
    { name: "answers 429", value: countThrottled(journal), target: { atMost: 0 } },
  ];
}

function rolesOf(count: number): NonNullable<MigrationFile["roles"]> {
  const slugs = Array.from({ length: Math.ceil(count / 2) }, (_, index) => `role-${2 * index + 1}`);
  return { from: "groups", permissions: Object.fromEntries(slugs.map((slug) => [slug, PERMISSIONS])) };
}

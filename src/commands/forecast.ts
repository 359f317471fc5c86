import type { PoolShape } from "../cognito/source.ts";
import type { Migration } from "../migration.ts";
import type { Settings } from "../settings.ts";
import { duration, grouped } from "./format.ts";

const COGNITO_PAGE_USERS = 60;
const WORKOS_PAGE_USERS = 100;

/** What a migration will do, before it begins. */
export interface Forecast {
  pool: string;
  poolName: string;
  region: string;
  destination: string;
  environment: string;
  isLive: boolean;
  /** Cognito's own estimate, which it does not keep exact. */
  estimatedUsers: number;
  /** At the file's pace. */
  estimatedSeconds: number;
  dryRun: boolean;
  pace: Migration["pace"];
  warnings: string[];
}

export function forecast(
  migration: Migration,
  shape: PoolShape,
  environment: string,
  settings: Settings,
): Forecast {
  const isLive = hasLiveKey(settings);
  return {
    pool: migration.source.userPoolId,
    poolName: shape.name,
    region: migration.source.region,
    destination: migration.destination.kind,
    environment,
    isLive,
    estimatedUsers: shape.estimatedUsers,
    estimatedSeconds: estimateSeconds(migration, shape.estimatedUsers),
    dryRun: migration.dryRun,
    pace: migration.pace,
    warnings: warningsOf(migration, shape, isLive),
  };
}

/** Whether the key opens a production environment. */
export function hasLiveKey({ workos }: Settings): boolean {
  return workos.ok && workos.value.apiKey.startsWith("sk_live_");
}

/** The snapshot, the imports, and the listing that verifies them. */
function estimateSeconds({ pace, dryRun, only }: Migration, users: number): number {
  const snapshot = users / COGNITO_PAGE_USERS / pace.pagesPerSecond;
  if (dryRun) return Math.ceil(snapshot);
  const imported = only !== undefined && "limit" in only ? Math.min(only.limit, users) : users;
  const writes = imported / Math.min(pace.writesPerSecond, pace.callsPerSecond);
  const verify = imported / WORKOS_PAGE_USERS / Math.min(pace.readsPerSecond, pace.callsPerSecond);
  return Math.ceil(snapshot + writes + verify);
}

function warningsOf({ dryRun }: Migration, shape: PoolShape, isLive: boolean): string[] {
  const warnings: string[] = [];
  if (isLive && !dryRun)
    warnings.push("The WorkOS key is a live key (sk_live_): this is the production environment.");
  if (shape.mfa !== "OFF")
    warnings.push(
      "Second factors cannot be exported from Cognito: people set them up again at the destination.",
    );
  if (shape.triggers.includes("UserMigration"))
    warnings.push(
      "The pool has a user migration trigger: a sign-in may create users while the pool is being read.",
    );
  return warnings;
}

export function forecastText(plan: Forecast): string {
  const { pace } = plan;
  const rows: [string, string][] = [
    ["From", `Cognito pool ${plan.poolName} (${plan.pool}, ${plan.region})`],
    ["To", `WorkOS, environment ${plan.environment} (${plan.isLive ? "LIVE key" : "test key"})`],
    ["Users", `about ${grouped(plan.estimatedUsers)}, as Cognito estimates`],
    [
      "Pace",
      `at most ${pace.writesPerSecond} users/s to WorkOS, ${pace.pagesPerSecond} pages/s from Cognito`,
    ],
    ["Time", `about ${duration(plan.estimatedSeconds)} at this pace`],
    ...(plan.dryRun ? [["Dry run", "nothing is written to WorkOS"] as [string, string]] : []),
    ...plan.warnings.map((warning): [string, string] => ["Warning", warning]),
  ];
  return rows.map(([name, value]) => `${name.padEnd(8)} ${value}`).join("\n");
}

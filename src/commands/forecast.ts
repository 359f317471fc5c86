import type { Facts } from "../destinations/facts.ts";
import { itemsPerCall } from "../destinations/items-per-call.ts";
import { type ConfiguredVendor, vendorOf } from "../destinations/registry.ts";
import type { Migration } from "../domain/migration.ts";
import type { PoolShape } from "../domain/pool.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { type Foreseen, type PhaseSeconds, phaseSeconds } from "../plan/phase-seconds.ts";
import { duration, grouped } from "./format.ts";
import { columnsOf, wrapped } from "./wrap.ts";

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
  /** At the file's pace, reset mails included. */
  estimatedSeconds: number;
  /** The same by phase. */
  phaseSeconds: PhaseSeconds;
  dryRun: boolean;
  pace: Migration["pace"];
  usersPerSecond: number;
}

export function forecast(
  migration: Migration,
  shape: PoolShape,
  foreseen: Foreseen,
  { vendor, environment, isLive, connect }: ConfiguredVendor,
): Forecast {
  const perCall = itemsPerCall(connect());
  const seconds = phaseSeconds(migration, shape.estimatedUsers, foreseen, {
    ...perCall,
    rowsPerPage: vendor.facts.usersPerPage,
  });
  return {
    pool: migration.source.userPoolId,
    poolName: shape.name,
    region: migration.source.region,
    destination: migration.destination.kind,
    environment,
    isLive,
    estimatedUsers: shape.estimatedUsers,
    estimatedSeconds: Object.values(seconds).reduce((sum, one) => sum + one, 0),
    phaseSeconds: seconds,
    dryRun: migration.dryRun,
    pace: migration.pace,
    usersPerSecond: migration.pace.writesPerSecond * perCall.users,
  };
}

export function forecastText(plan: Forecast): string {
  const { pace } = plan;
  const { name, facts } = vendorOf(plan.destination);
  const rows: [string, string][] = [
    ["From", `Cognito pool ${terminalText(plan.poolName)} (${plan.pool}, ${plan.region})`],
    ["To", `${name}, environment ${plan.environment} (${plan.isLive ? "LIVE key" : "test key"})`],
    ["Users", `about ${grouped(plan.estimatedUsers)}, as Cognito estimates`],
    [
      "Pace",
      `at most ${plan.usersPerSecond} users/s to ${name}, ${pace.pagesPerSecond} pages/s from Cognito${tooFast(pace, facts)}`,
    ],
    ["Time", `about ${duration(plan.estimatedSeconds)} at this pace${byPhase(plan.phaseSeconds)}`],
    ...(plan.dryRun ? [["Dry run", `nothing is written to ${name}`] as [string, string]] : []),
  ];
  return rows.map(([name, value]) => `${name.padEnd(8)} ${value}`).join("\n");
}

/** The phases that take any time, on lines of their own. */
function byPhase(seconds: PhaseSeconds): string {
  const taking = Object.entries(seconds).filter(([, one]) => one > 0);
  if (taking.length < 2) return "";
  const phases = taking.map(([phase, one]) => `${phase} ${duration(one)}`).join(", ");
  return `:\n${wrapped(phases, columnsOf(process.stdout), " ".repeat(9))}`;
}

/** Names what is over the pace that suits the destination: a customer may have had its limits raised. */
function tooFast(pace: Migration["pace"], facts: Facts): string {
  const kinds = ["writesPerSecond", "readsPerSecond", "callsPerSecond"] as const;
  const over = kinds.filter((kind) => pace[kind] > facts.pace[kind]);
  if (over.length === 0) return "";
  const named = over.map((kind) => `${kind} up to ${facts.pace[kind]}`).join(", ");
  return `; only ${named} leave room for sign-ins, unless your limits were raised`;
}

import type { Facts } from "../destinations/facts.ts";
import { itemsPerCall } from "../destinations/items-per-call.ts";
import { type ConfiguredVendor, vendorOf } from "../destinations/registry.ts";
import { duration } from "../domain/duration.ts";
import type { Migration } from "../domain/migration.ts";
import type { PoolShape } from "../domain/pool.ts";
import { terminalText } from "../domain/terminal-text.ts";
import { paceText } from "../plan/campaign-times.ts";
import { type Foreseen, type PhaseSeconds, phaseSeconds } from "../plan/phase-seconds.ts";
import { columnsOf, wrapped } from "../wrap.ts";
import { counted, grouped } from "./format.ts";

const NAME_WIDTH = "Dry run".length + 1;

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
  /** Whom the file takes; null for everyone. */
  only: string | null;
  /** How password resets are mailed; null where nobody is mailed. */
  mails: string | null;
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
    only: pilotOf(migration),
    mails: mailsOf(migration),
    pace: migration.pace,
    usersPerSecond: migration.pace.writesPerSecond * perCall.users,
  };
}

function pilotOf({ only }: Migration): string | null {
  if (only === undefined) return null;
  if ("group" in only) return `people of the group ${JSON.stringify(only.group)}`;
  if ("limit" in only) return counted(only.limit, "person", "people");
  return `${counted(only.subs.length, "person", "people")} whom the file names`;
}

function mailsOf({ passwordResets, dryRun }: Migration): string | null {
  const { send, canary } = passwordResets;
  if (!send || dryRun) return null;
  const first = typeof canary === "number" ? canary : canary.length;
  // Who was mailed before is not known here, nor what an approval covered.
  const unasked =
    first === 0
      ? "they"
      : `the first ${first === 1 ? "one" : grouped(first)} of all runs unasked; the others`;
  return `password resets, ${paceText(passwordResets)}; ${unasked} wait for an approval, unless an earlier one covers them`;
}

export function forecastText(plan: Forecast, columns = columnsOf(process.stdout)): string {
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
    ["Only", plan.only === null ? "" : `${plan.only}: a pilot`],
    ["Mails", plan.mails ?? ""],
    ["Dry run", plan.dryRun ? `nothing is written to ${name}` : ""],
  ];
  return rows
    .filter(([, value]) => value !== "")
    .map(([title, value]) => `${title.padEnd(NAME_WIDTH)} ${hanging(value, columns)}`)
    .join("\n");
}

/** Lines beside a row's name. */
function hanging(value: string, columns: number): string {
  const indent = " ".repeat(NAME_WIDTH + 1);
  const lines = value.split("\n").map((line) => wrapped(line, columns, indent));
  return lines.join("\n").trimStart();
}

/** The phases that take any time, on lines of their own. */
function byPhase(seconds: PhaseSeconds): string {
  const taking = Object.entries(seconds).filter(([, one]) => one > 0);
  if (taking.length < 2) return "";
  const phases = taking.map(([phase, one]) => `${phase} ${duration(one)}`).join(", ");
  return `:\n${phases}`;
}

/** Names what is over the pace that suits the destination: a customer may have had its limits raised. */
function tooFast(pace: Migration["pace"], facts: Facts): string {
  const kinds = ["writesPerSecond", "readsPerSecond", "callsPerSecond"] as const;
  const over = kinds.filter((kind) => pace[kind] > facts.pace[kind]);
  if (over.length === 0) return "";
  const named = over.map((kind) => `${kind} up to ${facts.pace[kind]}`).join(", ");
  return `; only ${named} leave room for sign-ins, unless your limits were raised`;
}

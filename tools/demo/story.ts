import { rmSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";
import { follow } from "../../src/commands/follow.ts";
import { counted, duration, grouped } from "../../src/commands/format.ts";
import { liveCounts } from "../../src/commands/live.ts";
import { RunFeed } from "../../src/commands/run-feed.ts";
import { openScreen } from "../../src/commands/screen.ts";
import { startArguments } from "../../src/commands/start-command.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";
import type { UserOutcome } from "../../src/ledger/outcomes.ts";
import { type MigrationRow, migrationsOfPool } from "../../src/ledger/runs.ts";
import { workflowIdOf } from "../../src/migration.ts";
import { countsText } from "../../src/report/counts-text.ts";
import { allOutcomes } from "../../src/report/outcomes.ts";
import { writeReport } from "../../src/report/write-report.ts";
import { connectClient } from "../../src/temporal/client.ts";
import { installRuntime } from "../../src/temporal/runtime.ts";
import { shellLine } from "../../src/temporal/shell-line.ts";
import { temporalPath } from "../temporal-path.mjs";
import { audit } from "./audit.ts";
import { run } from "./children.ts";
import { crashHalfWay } from "./crash.ts";
import { workosState } from "./workos-side.ts";
import { cleanEnvironment, LIMIT_SCALE, startWorld, type World } from "./world.ts";

export interface DemoOptions {
  users: number;
  seed: number;
  /** Kills the worker half-way. */
  crash: boolean;
  /** Leaves the servers up until Ctrl-C. */
  keep: boolean;
}

const REPORTS = join(import.meta.dirname, "..", "..", ".demo");
const NAMESPACE = "default";
const MAX_PROBLEMS_SHOWN = 20;

/** The whole demo; sets the exit code: 0 if the audit found nothing wrong. */
export async function demo(options: DemoOptions): Promise<void> {
  const startedAt = performance.now();
  say(`Spillway moves ${counted(options.users, "user")} from Cognito to WorkOS.
Temporal is the real server. Cognito and WorkOS are strict stand-ins on this machine; that of WorkOS allows ${LIMIT_SCALE}
times the real rate limits, so that this takes seconds. Nothing leaves this machine.\n`);
  const world = await startWorld(options.users, options.seed);
  say(`Temporal UI  ${world.temporal.ui}/namespaces/${NAMESPACE}/workflows`);
  say(`Files        ${world.folder}\n`);
  // Also after Ctrl-C.
  if (!options.keep) process.once("exit", () => rmSync(world.folder, { recursive: true, force: true }));
  const ledger = await openLedger(world.ledgerUrl);
  try {
    const ended = await migrate(world, ledger, options.crash);
    const problems = ended ? await conclude(world, ledger) : ["the run did not end well"];
    say(verdict(problems));
    say(`\nTotal time: ${duration((performance.now() - startedAt) / 1_000)}.`);
    process.exitCode = problems.length === 0 ? 0 : 1;
    if (options.keep) await untilInterrupted(world);
  } finally {
    await ledger.close();
    await world.stop();
  }
}

async function migrate(world: World, ledger: Ledger, crash: boolean): Promise<boolean> {
  const { poolId } = world.pool;
  const worker = world.startWorker();
  const target = { address: world.temporal.address, namespace: NAMESPACE };
  const words = startArguments(target, "spillway", poolId, world.migrationPath);
  say(`The run is started as an engineer would:\n  ${shellLine(["./temporal", ...words])}\n`);
  await run(temporalPath(), words, cleanEnvironment());
  await installRuntime(pino({ level: "silent" }), null);
  const connected = await connectClient({ ...target, options: { address: target.address } });
  if (!connected.ok) throw new Error(connected.sentence);
  const live = liveCounts(ledger, poolId, null);
  const screen = openScreen();
  const over = new AbortController();
  try {
    const feed = new RunFeed(connected.value.client, target.address, workflowIdOf(poolId), live);
    const crashed = crash ? crashHalfWay(world, worker, live, screen, over.signal) : Promise.resolve();
    const ended = await follow(feed, screen, over.signal);
    over.abort();
    await crashed;
    screen.close();
    if (ended?.kind === "failed") say(ended.sentence);
    return ended?.kind === "done";
  } finally {
    over.abort();
    await connected.value.close();
  }
}

/** Writes the report and looks at both sides; returns what is wrong. */
async function conclude(world: World, ledger: Ledger): Promise<string[]> {
  const [migration] = await ledger.read((db) => migrationsOfPool(db, world.pool.poolId));
  if (migration === undefined) return ["the ledger does not know the migration"];
  const reportFolder = join(REPORTS, `report-${stamp()}`);
  const summary = await writeReport(ledger, migration, reportFolder);
  say(`\nHow everyone ended:\n${countsText(summary)}\n\nReport       ${reportFolder}`);
  const outcomes = await listOutcomes(ledger, migration);
  return audit(world.pool.users, await workosState(world.workosUrl), outcomes);
}

async function listOutcomes(ledger: Ledger, migration: MigrationRow): Promise<UserOutcome[]> {
  const outcomes: UserOutcome[] = [];
  for await (const outcome of allOutcomes(ledger, migration)) outcomes.push(outcome);
  return outcomes;
}

function verdict(problems: readonly string[]): string {
  if (problems.length === 0)
    return "Audit        everyone has exactly one outcome, everyone imported exactly one account with the right fields,\n             nobody disabled came in, and there is no account too many.";
  const shown = problems.slice(0, MAX_PROBLEMS_SHOWN).map((problem) => `  ${problem}`);
  return [`The audit found ${grouped(problems.length)} wrong:`, ...shown].join("\n");
}

async function untilInterrupted(world: World): Promise<void> {
  const settings = Object.entries(world.settings).map(([name, value]) => `${name}=${value}`);
  say(`\nEverything stays up until Ctrl-C. To try commands in another terminal, paste:\n  ${shellLine(["export", ...settings])}
Cognito      ${world.cognitoUrl}
WorkOS       ${world.workosUrl}
Temporal     ${world.temporal.address}`);
  await new Promise(() => undefined);
}

function stamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[:T]/g, "-");
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
